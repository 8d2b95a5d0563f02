using ComputeExchange.Client;
using Grpc.Core;

namespace ComputeExchange.Cli.Replay.Play;

/// <summary>Calls that outlast an exchange that is killed and started again: repeated for up to two minutes.</summary>
/// <remarks>Every call of a replay and of a demo is harmless to repeat: it reads, or it carries an id of its own.</remarks>
public sealed class Calls(Action<string> tell, CancellationToken cancel)
{
    static readonly TimeSpan Patient = TimeSpan.FromSeconds(120);

    /// <summary>Failures in a row from which on it is worth a line: pauses between repetitions grow to a second.</summary>
    const int Lasting = 6;

    int _away;
    long _failures;
    long _made;

    /// <summary>Set when the person at the keyboard has had enough.</summary>
    public CancellationToken Cancel => cancel;

    /// <summary>Calls that were answered.</summary>
    public long Made => Interlocked.Read(ref _made);

    /// <summary>Calls that heard nothing and were repeated: more than before means that the exchange, or a part of it, was away.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Whether the exchange has been away for a while.</summary>
    public bool IsAway => Volatile.Read(ref _away) >= Lasting;

    /// <summary>Asks until there is an answer.</summary>
    public async Task<T> Ask<T>(Func<CancellationToken, AsyncUnaryCall<T>> call)
    {
        var answer = await Patience.Ask(() => call(cancel).ResponseAsync, Patient, cancel, failure =>
        {
            Interlocked.Increment(ref _failures);
            if (Interlocked.Increment(ref _away) == Lasting) tell($"The exchange is away ({failure.Status.Detail}); trying again for up to {Patient.TotalSeconds:0} s.");
        });
        Interlocked.Increment(ref _made);
        if (Interlocked.Exchange(ref _away, 0) >= Lasting) tell("The exchange is back.");
        return answer;
    }
}
