using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ComputeExchange.Facts;

/// <summary>What is measured of facts, of the feed and of the commands that follow from them; each with the name of its service.</summary>
public static class FactMeasures
{
    private static readonly Meter Meter = new(Tracing.Prefix + "Facts");

    private static readonly Counter<long> ToldCount = Meter.CreateCounter<long>(
        "cx.facts.told", "{fact}", "Facts handed to the bus.");

    private static readonly Gauge<long> LastNumber = Meter.CreateGauge<long>(
        "cx.facts.last_number", "{fact}", "The number of the last fact a service told.");

    private static readonly Gauge<long> PublishedNumber = Meter.CreateGauge<long>(
        "cx.facts.published_number", "{fact}", "The number of the last fact the bus has taken.");

    private static readonly Counter<long> AppliedCount = Meter.CreateCounter<long>(
        "cx.facts.applied", "{fact}", "Facts and feed entries applied.");

    private static readonly Counter<long> RepeatedCount = Meter.CreateCounter<long>(
        "cx.facts.repeated", "{fact}", "Facts that came again and were dropped.");

    private static readonly Counter<long> FetchedCount = Meter.CreateCounter<long>(
        "cx.facts.fetched", "{fact}", "Facts fetched from their producer, because of a gap or because it was quiet.");

    private static readonly Counter<long> FailedCount = Meter.CreateCounter<long>(
        "cx.facts.failed", "{attempt}", "Attempts to apply that failed; nothing was applied and the same comes again.");

    private static readonly Counter<long> CommandCount = Meter.CreateCounter<long>(
        "cx.facts.commands_sent", "{command}", "Commands that followed from facts and were answered by the engine.");

    private static readonly Gauge<long> WaitingCommands = Meter.CreateGauge<long>(
        "cx.facts.commands_waiting", "{command}", "Commands for the engine that wait to be sent, as far as one batch sees.");

    private static readonly Gauge<long> ClockTime = Meter.CreateGauge<long>(
        "cx.clock.time", "s", "The exchange's time as a service knows it, in seconds since 1970.");

    private static readonly ConcurrentDictionary<(string Service, string Producer), (long Known, long Applied)> Places = new();

    static FactMeasures()
    {
        Meter.CreateObservableGauge(
            "cx.facts.lag", () => Places.Select(place => new Measurement<long>(
                Math.Max(0, place.Value.Known - place.Value.Applied), Both(place.Key.Service, place.Key.Producer))),
            "{fact}", "How far a service is behind what it knows its producer to have told.");
        Meter.CreateObservableGauge(
            "cx.facts.applied_number", () => Places.Select(place => new Measurement<long>(
                place.Value.Applied, Both(place.Key.Service, place.Key.Producer))),
            "{fact}", "The number of the last fact or feed entry a service applied.");
    }

    /// <summary>The publisher has looked at what is told and what the bus has taken.</summary>
    internal static void Told(string service, long last, long published)
    {
        LastNumber.Record(last, One(service));
        PublishedNumber.Record(published, One(service));
    }

    /// <summary>The bus took some facts.</summary>
    internal static void Published(string service, int count) => ToldCount.Add(count, One(service));

    /// <summary>A producer is known to have come as far as a number.</summary>
    internal static void Known(string service, string producer, long number) => Places.AddOrUpdate(
        (service, producer), (number, 0), (_, place) => (Math.Max(place.Known, number), place.Applied));

    /// <summary>A service has applied as far as a number.</summary>
    internal static void Applied(string service, string producer, long number, long count)
    {
        Places.AddOrUpdate((service, producer), (number, number), (_, place) => (Math.Max(place.Known, number), number));
        if (count > 0) AppliedCount.Add(count, Both(service, producer));
    }

    /// <summary>Facts came that were applied already.</summary>
    internal static void Repeated(string service, string producer, int count)
    {
        if (count > 0) RepeatedCount.Add(count, Both(service, producer));
    }

    /// <summary>Facts were fetched from their producer.</summary>
    internal static void Fetched(string service, string producer, int count, bool gap)
    {
        if (count > 0) FetchedCount.Add(count, [.. Both(service, producer), new("cause", gap ? "gap" : "quiet")]);
    }

    /// <summary>Something could not be applied.</summary>
    internal static void Failed(string service, string producer) => FailedCount.Add(1, Both(service, producer));

    /// <summary>Commands wait to be sent.</summary>
    internal static void CommandsWait(string service, int count) => WaitingCommands.Record(count, One(service));

    /// <summary>Commands were answered.</summary>
    internal static void CommandsSent(string service, int count) => CommandCount.Add(count, One(service));

    /// <summary>What a service's clock shows.</summary>
    public static void Clock(string service, DateTimeOffset time) => ClockTime.Record(time.ToUnixTimeSeconds(), One(service));

    private static KeyValuePair<string, object?> One(string service) => new("service", service);

    private static KeyValuePair<string, object?>[] Both(string service, string producer) => [new("service", service), new("producer", producer)];
}
