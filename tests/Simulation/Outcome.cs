namespace ComputeExchange.Simulation;

/// <summary>How a world went.</summary>
/// <param name="Seed">What it followed from.</param>
/// <param name="Violation">The first promise that was broken; null when all were kept.</param>
/// <param name="JournalHash">The hash of the last journaled command, which binds the whole history.</param>
/// <param name="Trail">Every step there was, as one number.</param>
/// <param name="Commands">How many commands were journaled.</param>
/// <param name="Steps">How many steps there were.</param>
/// <param name="Lasted">How long it took in its own time.</param>
/// <param name="Seen">What came to pass: kinds of events and faults, and what an engine did about them.</param>
/// <param name="Notes">What happened last; kept only where a promise was broken.</param>
internal sealed record Outcome(ulong Seed, string? Violation, string JournalHash, ulong Trail, int Commands, long Steps, TimeSpan Lasted, IReadOnlySet<string> Seen, IReadOnlyList<string> Notes)
{
    /// <summary>What to read when a promise was broken: the seed, how to run it again, and what led to it.</summary>
    public string Report => $"""
        Seed {Seed}: {Violation}
        Run it again: CX_SIM_SEED={Seed} dotnet test --project tests/Simulation/Simulation.csproj -c Release -- --filter-class '*SeedsTests'
        {string.Join("\n", Notes.TakeLast(80))}
        """;
}
