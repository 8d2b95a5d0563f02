using ComputeExchange.Values;

namespace ComputeExchange.Cli.Replay.Report;

/// <summary>What an exchange showed after a replay: what was sold, delivered and paid.</summary>
public sealed record Findings
{
    /// <summary>Every lease of the replay's machines.</summary>
    public required IReadOnlyList<SoldLease> Leases { get; init; }

    /// <summary>What each hour traded at.</summary>
    public required IReadOnlyList<HourPrice> Prices { get; init; }

    /// <summary>The runs of the replay's days.</summary>
    public required IReadOnlyList<ClearedRun> Runs { get; init; }

    /// <summary>The ledger's transfers that touch the replay's participants, added up by kind.</summary>
    public required IReadOnlyList<MoneyMoved> Moved { get; init; }

    /// <summary>Payouts to the replay's providers.</summary>
    public required IReadOnlyList<Money> Payouts { get; init; }

    /// <summary>The sum over all accounts of the exchange; zero.</summary>
    public required Money TrialBalance { get; init; }

    /// <summary>What the reconciler compared.</summary>
    public required long Checks { get; init; }

    /// <summary>What does not agree.</summary>
    public required IReadOnlyList<string> Breaks { get; init; }
}

/// <summary>A lease: some GPUs of a machine for some hours, and what they cost, fee apart.</summary>
public sealed record SoldLease(long Id, string Market, Guid Node, Guid Buyer, int Gpus, Money Cost, IReadOnlyList<SoldHour> Hours);

/// <summary>An hour of a lease, in GPU-seconds.</summary>
public sealed record SoldHour(DateTimeOffset From, long Sold, long Delivered, bool Metered)
{
    /// <summary>The slot: the whole hour that it lies in.</summary>
    public DateTimeOffset Slot => From.AddTicks(-(From.UtcTicks % TimeSpan.TicksPerHour));
}

/// <summary>What an hour of a market traded at over all runs.</summary>
public sealed record HourPrice(string Market, DateTimeOffset Slot, Price Mean, Price Last, long GpuMinutes, int Runs);

/// <summary>A run: its bids, its leases, its welfare and the bound on it.</summary>
public sealed record ClearedRun(long Id, int Bids, int Offers, int Leases, Money Welfare, Money Bound, int LeftOut);

/// <summary>Transfers of one kind.</summary>
public sealed record MoneyMoved(string Kind, long Count, Money Amount);
