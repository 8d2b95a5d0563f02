using ComputeExchange.Client;
using Grpc.Core;

namespace ComputeExchange.Cli.Replay.Play;

/// <summary>Calls that outlast an exchange that is killed and started again: repeated for up to two minutes.</summary>
/// <remarks>Every call of a replay is harmless to repeat: it reads, or it carries an id that comes from the plan.</remarks>
public sealed class Calls(Action<string> tell, CancellationToken cancel)
{
    static readonly TimeSpan Patient = TimeSpan.FromSeconds(120);

    int _away;

    /// <summary>Set when the person at the keyboard has had enough.</summary>
    public CancellationToken Cancel => cancel;

    /// <summary>Asks until there is an answer.</summary>
    public async Task<T> Ask<T>(Func<CancellationToken, AsyncUnaryCall<T>> call)
    {
        var answer = await Patience.Ask(() => call(cancel).ResponseAsync, Patient, cancel, failure =>
        {
            // Pauses between repetitions grow to a second: only what lasts is worth a line.
            if (Interlocked.Increment(ref _away) == 6) tell($"The exchange is away ({failure.Status.Detail}); trying again for up to {Patient.TotalSeconds:0} s.");
        });
        if (Interlocked.Exchange(ref _away, 0) >= 6) tell("The exchange is back.");
        return answer;
    }
}
