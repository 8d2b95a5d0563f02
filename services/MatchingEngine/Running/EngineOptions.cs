using System.Globalization;

namespace ComputeExchange.MatchingEngine.Running;

/// <summary>What an engine is told at its start.</summary>
/// <param name="Owner">Its name in the journal.</param>
/// <param name="SnapshotEvery">After how many commands a snapshot is due.</param>
internal sealed record EngineOptions(string Owner, int SnapshotEvery = EngineOptions.UsualSnapshotEvery)
{
    private const int UsualSnapshotEvery = 100_000;
    private const string SnapshotEverySetting = "Exchange__SnapshotEvery";

    /// <summary>This process's name, and what its environment says of snapshots.</summary>
    /// <exception cref="ArgumentException">It says what cannot be; the message says what can.</exception>
    public static EngineOptions FromEnvironment() => new(
        $"{Environment.MachineName}:{Environment.ProcessId}",
        Environment.GetEnvironmentVariable(SnapshotEverySetting) is not { Length: > 0 } text ? UsualSnapshotEvery
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var every) && every >= 1 ? every
        : throw new ArgumentException($"{SnapshotEverySetting} is '{text}'; it must be a whole number of commands, at least 1."));
}
