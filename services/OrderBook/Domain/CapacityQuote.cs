using ComputeExchange.Values;

namespace ComputeExchange.OrderBook.Domain;

/// <summary>An open offer as a quote sees it.</summary>
/// <param name="OfferId">Its number; among equal reserves the earlier offer is taken first.</param>
/// <param name="SoldGpuCounts">GPUs sold in each slot of its window.</param>
public sealed record OpenOffer(
    long OfferId,
    DateTimeOffset From,
    DateTimeOffset To,
    int GpuCount,
    IReadOnlyList<int> SoldGpuCounts,
    OfferReserves Reserves,
    int RunSlotCountMin)
{
    /// <summary>Its GPUs that are still for sale in a slot.</summary>
    public int LeftIn(DateTimeOffset slot, SlotGrid slots) =>
        slot < From || slot >= To ? 0 : Math.Max(0, GpuCount - SoldGpuCounts[slots.PositionOf(slot, From)]);

    /// <summary>Whether it serves a run that takes a whole window: its minimum run is not longer, and it covers all of it.</summary>
    public bool Serves(DateTimeOffset from, DateTimeOffset to, SlotGrid slots) =>
        RunSlotCountMin <= 1 || (slots.Count(from, to) >= RunSlotCountMin && From <= from && to <= To);
}

/// <summary>What capacity would likely cost: the open offers, cheapest first, each slot by itself.</summary>
/// <param name="UnavailableReason">Why there is not enough, for people; empty when there is.</param>
/// <param name="LimitMicros">A limit that would be in the money: the dearest reserve needed, in whole ticks.</param>
/// <param name="Cost">At the reserves, fee apart.</param>
/// <param name="Fee">The buyer's fee on it.</param>
public sealed record CapacityQuote(string UnavailableReason, long LimitMicros, Money Cost, Money Fee)
{
    /// <summary>Whether the open offers hold enough in every slot.</summary>
    public bool Available => UnavailableReason.Length == 0;

    /// <summary>Walks the offers for <paramref name="gpus"/> GPUs in every slot of a window.</summary>
    public static CapacityQuote Of(
        int gpus, DateTimeOffset from, DateTimeOffset to, IEnumerable<OpenOffer> offers, MarketSettings settings, DateTimeOffset now)
    {
        var serving = offers.Where(offer => offer.Serves(from, to, settings.Slots)).ToList();
        var cost = Money.Zero;
        var dearest = 0L;
        var lacks = new List<string>();
        for (var slot = from; slot < to; slot += settings.Slots.Length)
        {
            var trading = settings.TradingOf(slot, now);
            if (trading.ClosedBecause.Length > 0)
            {
                lacks.Add($"The slot of {slot:yyyy-MM-dd HH:mm} UTC {trading.ClosedBecause}");
                continue;
            }
            var wanted = gpus;
            foreach (var (left, reserve) in CheapestFirst(serving, slot, trading.Prompt, settings.Slots))
            {
                var taken = Math.Min(left, wanted);
                cost += reserve.CostOf(taken, trading.Minutes);
                dearest = Math.Max(dearest, reserve.MicrosPerGpuHour);
                wanted -= taken;
                if (wanted == 0) break;
            }
            if (wanted > 0) lacks.Add($"The slot of {slot:yyyy-MM-dd HH:mm} UTC lacks {wanted} of {gpus} GPUs");
        }
        if (lacks.Count > 0) return Unavailable(lacks[0] + (lacks.Count == 1 ? "." : $"; {lacks.Count - 1} more of the slots cannot be had either."));

        return new CapacityQuote("", settings.Prices.RoundUp(dearest), cost, cost.Share(settings.BuyerFeePpm));
    }

    /// <summary>No price: there is nothing to be had.</summary>
    public static CapacityQuote Unavailable(string reason) => new(reason, 0, Money.Zero, Money.Zero);

    private static IEnumerable<(int Left, Price Reserve)> CheapestFirst(
        IEnumerable<OpenOffer> offers, DateTimeOffset slot, bool prompt, SlotGrid slots) => offers
        .Select(offer => (offer.OfferId, Left: offer.LeftIn(slot, slots), offer))
        .Where(offer => offer.Left > 0)
        .Select(one => (one.OfferId, one.Left, Reserve: new Price(one.offer.Reserves.Of(slots.PositionOf(slot, one.offer.From), prompt))))
        .OrderBy(offer => offer.Reserve).ThenBy(offer => offer.OfferId)
        .Select(offer => (offer.Left, offer.Reserve));
}
