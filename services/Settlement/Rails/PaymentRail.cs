using ComputeExchange.Settlement.Storage;

namespace ComputeExchange.Settlement.Rails;

/// <summary>How a rail is given payments.</summary>
public enum Handover
{
    /// <summary>They are through as soon as they may leave: people see to them.</summary>
    AtOnce,

    /// <summary>One by one; the rail says later what became of each.</summary>
    OneByOne,

    /// <summary>In files that people take to the bank.</summary>
    ByFile,
}

/// <summary>A way by which money leaves and comes in.</summary>
public interface IPaymentRail
{
    /// <summary>By what it is known, for example <c>csv</c>.</summary>
    string Name { get; }

    /// <summary>How it is given payments.</summary>
    Handover Handover { get; }

    /// <summary>Whether it needs to know where to: without a destination nothing is paid.</summary>
    bool NeedsDestination { get; }

    /// <summary>The smallest amount it can move; every amount is a multiple of it.</summary>
    long UnitMicros { get; }

    /// <summary>Gives it a payment. Given again, it is paid once: the payment's id is its name there too.</summary>
    /// <returns>What the rail calls it.</returns>
    Task<string> Send(PaymentRow payment, CancellationToken cancel);
}

/// <summary>The rail in use, and those that earlier payments went over.</summary>
public sealed class RailBook
{
    private readonly Dictionary<string, IPaymentRail> _rails;

    /// <exception cref="ArgumentException">There is no rail of the name that is to be used.</exception>
    public RailBook(string inUse, params IPaymentRail[] rails)
    {
        _rails = rails.ToDictionary(rail => rail.Name, StringComparer.Ordinal);
        InUse = _rails.GetValueOrDefault(inUse)
            ?? throw new ArgumentException($"Exchange:Rail is '{inUse}'; it can be {string.Join(", ", _rails.Keys)}.");
    }

    /// <summary>What new payments go over.</summary>
    public IPaymentRail InUse { get; }

    /// <summary>The names of the rails that are given payments that way.</summary>
    public string[] NamesOf(Handover handover) => [.. _rails.Values.Where(rail => rail.Handover == handover).Select(rail => rail.Name)];

    /// <summary>The rail that an earlier payment went over; null if it is gone.</summary>
    public IPaymentRail? Find(string name) => _rails.GetValueOrDefault(name);
}

/// <summary>No rail at all: operators pay by hand, and say so by letting it be.</summary>
public sealed class ManualRail : IPaymentRail
{
    /// <summary>Its name.</summary>
    public const string RailName = "manual";

    /// <inheritdoc />
    public string Name => RailName;

    /// <inheritdoc />
    public Handover Handover => Handover.AtOnce;

    /// <inheritdoc />
    public bool NeedsDestination => false;

    /// <inheritdoc />
    public long UnitMicros => 1;

    /// <inheritdoc />
    public Task<string> Send(PaymentRow payment, CancellationToken cancel) => Task.FromResult("");
}

/// <summary>Files for a bank, and its statements.</summary>
public sealed class CsvRail : IPaymentRail
{
    /// <summary>Its name.</summary>
    public const string RailName = "csv";

    /// <inheritdoc />
    public string Name => RailName;

    /// <inheritdoc />
    public Handover Handover => Handover.ByFile;

    /// <inheritdoc />
    public bool NeedsDestination => true;

    /// <summary>A bank moves whole cents.</summary>
    public long UnitMicros => 10_000;

    /// <summary>The file has it already.</summary>
    public Task<string> Send(PaymentRow payment, CancellationToken cancel) => Task.FromResult($"file {payment.FileNumber}");
}
