using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>An exchange of many processes on which the story was told, while each service, the broker and the database were killed once.</summary>
public sealed class KilledInTurn : IAsyncLifetime
{
    private readonly List<string> _killed = [];

    internal static IReadOnlyList<string> Services { get; } =
        ["MatchingEngine", "Participants", "Settlement", "ProviderRegistry", "OrderBook", "Pricing", "Auctioneer"];

    /// <summary>What is killed, by a word of its command line.</summary>
    internal static IReadOnlyList<string> Victims { get; } = [.. Services.Select(service => $"ComputeExchange.{service}.dll"), "beam.smp", "bin/postgres -D"];

    internal IReadOnlyList<string> Killed => _killed;

    internal RunningHost Host { get; private set; } = null!;

    internal Story Story { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        Host = await RunningHost.Start(processes: true);
        Story = new Story(Host.Addresses, Host.OperatorKey, cancel);
        try
        {
            // The kills begin at once and go round: no step of the story is safe from one.
            var killing = KillAll(cancel);
            await Story.Tell();
            await killing;
        }
        catch (Exception)
        {
            TestContext.Current.SendDiagnosticMessage("{0}", Host.Printed + Host.Logs());
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Story.Dispose();
        await Host.DisposeAsync();
    }

    /// <summary>Kills the process whose command line has the word in it, once there is one.</summary>
    internal async Task Kill(string word)
    {
        RunningProcess? victim;
        while ((victim = Host.Processes.FirstOrDefault(process => process.Command.Contains(word, StringComparison.Ordinal))) is null)
            await Task.Delay(50, TestContext.Current.CancellationToken);
        victim.Kill();
    }

    private async Task KillAll(CancellationToken cancel)
    {
        foreach (var victim in Victims)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), cancel);
            await Kill(victim);
            _killed.Add(victim);
        }
    }
}
