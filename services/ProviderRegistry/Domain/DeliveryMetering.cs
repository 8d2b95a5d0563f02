using System.Globalization;

namespace ComputeExchange.ProviderRegistry.Domain;

/// <summary>From one moment to another, the second not in it.</summary>
public readonly record struct Stretch(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>What of it lies in another.</summary>
    public Stretch In(Stretch other) => new(From > other.From ? From : other.From, To < other.To ? To : other.To);

    /// <summary>How long it is; nothing where its end is before its begin.</summary>
    public long Ticks => Math.Max(0, (To - From).Ticks);
}

/// <summary>What a node's agent measured in some seconds.</summary>
public readonly record struct AgentReading(Stretch When, long HealthyGpuSeconds);

/// <summary>GPUs that another delivery has for a time.</summary>
public readonly record struct Lent(Stretch When, int GpuCount);

/// <summary>One delivery's share in what a lease bought: the lease's own, or that of a part of it that was sold on.</summary>
/// <param name="When">The time it was bought for.</param>
/// <param name="GpuCount">GPUs bought.</param>
/// <param name="ActiveTime">Since when the GPUs were the buyer's; null: never yet.</param>
/// <param name="EndedTime">When it was over; null: it is not.</param>
/// <param name="GivenUp">Its buyer gave up what came after: that counts as delivered.</param>
/// <param name="LentOut">What of it is other deliveries' for a time.</param>
/// <param name="Readings">What the agent measured of it.</param>
public sealed record Holder(
    Stretch When, int GpuCount, DateTimeOffset? ActiveTime, DateTimeOffset? EndedTime, bool GivenUp, IReadOnlyList<Lent> LentOut, IReadOnlyList<AgentReading> Readings);

/// <summary>What counts in a slot, and how it was found.</summary>
/// <param name="Agent">GPU-seconds as the agent measured.</param>
/// <param name="Registry">GPU-seconds in which the node was heard of and the delivery active.</param>
/// <param name="Delivered">GPU-seconds that count.</param>
/// <param name="Unnotified">GPU-seconds of the shortfall that nobody was told of two hours ahead.</param>
/// <param name="Resolution">For people.</param>
public sealed record SlotMeasure(long Agent, long Registry, long Delivered, long Unnotified, string Resolution);

/// <summary>Meters a slot of a node with an agent by the second, from both sides: the smaller counts.</summary>
public static class DeliveryMetering
{
    /// <summary>A slot is settled without the node's last readings when it has not told them by then.</summary>
    public static readonly TimeSpan LateAfter = TimeSpan.FromMinutes(10);

    /// <summary>A shortfall up to so much a GPU and slot, and up to a hundredth of it, is how exactly clocks agree and not a shortfall.</summary>
    public static readonly TimeSpan Exactness = TimeSpan.FromSeconds(5);

    /// <summary>What counts in a slot.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="gpuCount">GPUs sold.</param>
    /// <param name="sold">GPU-seconds sold.</param>
    /// <param name="holders">The lease's own delivery, and those of the parts that were sold on.</param>
    /// <param name="outages">When the node was not heard of.</param>
    /// <param name="announced">From when on a shortfall had been announced two hours ahead; null: never.</param>
    public static SlotMeasure Measure(
        Stretch slot, int gpuCount, long sold, IReadOnlyList<Holder> holders, IReadOnlyList<Stretch> outages, DateTimeOffset? announced)
    {
        Int128 readMicros = 0;
        long activeTicks = 0, givenUpTicks = 0;
        foreach (var holder in holders)
        {
            readMicros += Read(holder.Readings, slot.In(holder.When));
            var (active, givenUp) = Held(holder, slot.In(holder.When), outages);
            activeTicks = checked(activeTicks + active);
            givenUpTicks = checked(givenUpTicks + givenUp);
        }
        var agent = (long)((readMicros + (Int128)givenUpTicks / 10) / 1_000_000);
        var registry = (activeTicks + givenUpTicks) / TimeSpan.TicksPerSecond;
        var delivered = Math.Clamp(Math.Min(agent, registry), 0, sold);
        var exact = Math.Min(gpuCount * (long)Exactness.TotalSeconds, sold / 100);
        var whole = delivered < sold && sold - delivered <= exact;
        if (whole) delivered = sold;

        var told = announced is { } from ? gpuCount * (new Stretch(from, slot.To).In(slot).Ticks / TimeSpan.TicksPerSecond) : 0;
        return new SlotMeasure(
            agent, registry, delivered, Math.Max(0, sold - delivered - told),
            Sentence(agent, registry, sold, delivered, givenUpTicks / TimeSpan.TicksPerSecond, whole));
    }

    /// <summary>What the agent measured within a time, in millionths of a GPU-second: a reading that is partly outside counts by its share.</summary>
    private static Int128 Read(IReadOnlyList<AgentReading> readings, Stretch within)
    {
        Int128 micros = 0;
        foreach (var reading in readings)
        {
            var inside = reading.When.In(within).Ticks;
            if (inside > 0) micros += (Int128)Math.Max(0, reading.HealthyGpuSeconds) * 1_000_000 * inside / reading.When.Ticks;
        }
        return micros;
    }

    /// <summary>GPU-ticks of a delivery in a time: those in which it was active and the node heard of, and those that its buyer gave up.</summary>
    private static (long Active, long GivenUp) Held(Holder holder, Stretch within, IReadOnlyList<Stretch> outages)
    {
        var edges = new SortedSet<DateTimeOffset> { within.From, within.To };
        void Edge(DateTimeOffset? at)
        {
            if (at is { } edge && edge > within.From && edge < within.To) edges.Add(edge);
        }
        Edge(holder.ActiveTime);
        Edge(holder.EndedTime);
        foreach (var lent in holder.LentOut) (lent.When.From, lent.When.To).Do(Edge);
        foreach (var outage in outages) (outage.From, outage.To).Do(Edge);

        long active = 0, givenUp = 0;
        var from = within.From;
        foreach (var to in edges.Skip(1))
        {
            var begin = from;
            bool Covers(Stretch stretch) => stretch.From <= begin && stretch.To >= to;
            var ticks = checked((to - begin).Ticks * Math.Max(0, holder.GpuCount - holder.LentOut.Where(lent => Covers(lent.When)).Sum(lent => lent.GpuCount)));
            if (holder.EndedTime <= begin) givenUp += holder.GivenUp ? ticks : 0;
            else if (holder.ActiveTime <= begin && !outages.Any(Covers)) active += ticks;
            from = to;
        }
        return (active, givenUp);
    }

    private static void Do(this (DateTimeOffset From, DateTimeOffset To) edges, Action<DateTimeOffset?> act)
    {
        act(edges.From);
        act(edges.To);
    }

    private static string Sentence(long agent, long registry, long sold, long delivered, long givenUp, bool whole)
    {
        var counts = whole ? "that is as exactly as clocks agree, so all of it counts"
            : delivered == sold ? "all of it counts"
            : agent == registry ? "both say the same"
            : $"the smaller counts, {(agent < registry ? "the agent's" : "the exchange's")}";
        var given = givenUp > 0 ? string.Create(CultureInfo.InvariantCulture, $" {givenUp:N0} of them were given up by the buyer.") : "";
        return string.Create(CultureInfo.InvariantCulture, $"Agent {agent:N0}, exchange {registry:N0} of {sold:N0} GPU-seconds sold: {counts}.{given}");
    }
}
