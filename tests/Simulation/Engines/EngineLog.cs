using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.Simulation.Time;
using Microsoft.Extensions.Logging;

namespace ComputeExchange.Simulation.Engines;

/// <summary>What an engine says of itself, for who reads how a seed failed.</summary>
internal sealed class EngineLog(World world, Process process) : ILogger<Engine>
{
    private static readonly IReadOnlyList<(string Part, string What)> Telling =
    [
        ("Owner of the shard", "an engine took over"),
        ("A standby from", "an engine followed"),
        ("Restored the snapshot", "a snapshot was restored"),
        ("is skipped", "a snapshot was skipped"),
        ("Another engine owns", "an engine was fenced"),
        ("may not have reached the standby", "a commit was cut short"),
        ("journal has another history", "an engine had read what the database lost"),
        ("journal does not go as far", "an engine had read what the database lost"),
    ];

    /// <summary>The last thing that it said was critical.</summary>
    public string LastCritical { get; private set; } = "";

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var sentence = formatter(state, exception);
        if (logLevel == LogLevel.Critical) LastCritical = sentence;
        foreach (var (part, what) in Telling)
            if (sentence.Contains(part, StringComparison.Ordinal)) world.See(what);
        world.Note($"{process.Name}/{process.Number} {logLevel}: {sentence}");
    }
}
