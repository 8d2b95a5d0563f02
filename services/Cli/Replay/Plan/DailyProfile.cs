namespace ComputeExchange.Cli.Replay.Plan;

/// <summary>How demand moves through the day: 24 multipliers in per cent, one for each UTC hour from 0.</summary>
/// <remarks>
/// Our own assumption, not a measurement: the recorded trace is one hour long. People's requests follow the working day
/// of the Americas and Europe, with a trough at half of the peak; batch work is planned around them and falls less at night.
/// </remarks>
public static class DailyProfile
{
    /// <summary>Requests that people wait for.</summary>
    public static readonly IReadOnlyList<int> Online =
        [62, 56, 52, 49, 48, 50, 55, 62, 70, 77, 82, 85, 88, 92, 96, 99, 100, 100, 98, 94, 89, 82, 75, 68];

    /// <summary>Batch work.</summary>
    public static readonly IReadOnlyList<int> Batch =
        [74, 70, 68, 66, 66, 68, 72, 78, 84, 90, 94, 96, 96, 98, 100, 100, 100, 98, 96, 92, 88, 84, 80, 76];
}
