using ComputeExchange.Cli.Output;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary>How the things that several commands list are shown.</summary>
public static class Rows
{
    /// <summary>Bids.</summary>
    public static Sheet<Bid> Bids => new Sheet<Bid>("bids", "No bids.")
        .Number("Bid", "bid_id", bid => bid.BidId)
        .Text("Market", "market", bid => string.Join(" ", bid.Markets))
        .Word("Kind", "kind", bid => bid.Kind)
        .Count("GPUs", "gpu_count", bid => bid.GpuCount)
        .Time("From", "from_time", bid => bid.FromTime)
        .Time("To", "to_time", bid => bid.ToTime)
        .Price("Limit", "limit_micros_per_gpu_hour", bid => bid.LimitMicrosPerGpuHour)
        .Word("State", "state", bid => bid.State)
        .GpuMinutes("Bought GPU-h", "filled_gpu_minutes", bid => bid.FilledGpuMinutes)
        .Money("Cost", "cost_micros", bid => bid.CostMicros)
        .Word("Why", "outcome", bid => bid.Why?.Outcome ?? BidOutcome.Unspecified)
        .Price("Outbid by", "outbid_by_micros_per_gpu_hour", bid => bid.Why is { OutbidByMicrosPerGpuHour: > 0 } why ? why.OutbidByMicrosPerGpuHour : null)
        .Time("Placed", "placed_time", bid => bid.PlacedTime);

    /// <summary>Offers.</summary>
    public static Sheet<Offer> Offers => new Sheet<Offer>("offers", "No offers.")
        .Number("Offer", "offer_id", offer => offer.OfferId)
        .Text("Node", "node_id", offer => offer.NodeId)
        .Text("Market", "market", offer => offer.Market)
        .Count("GPUs", "gpu_count", offer => offer.GpuCount)
        .Time("From", "from_time", offer => offer.FromTime)
        .Time("To", "to_time", offer => offer.ToTime)
        .Price("Reserve", "reserve_micros_per_gpu_hour", offer => offer.ReserveMicrosPerGpuHour)
        .Price("Prompt", "prompt_reserve_micros_per_gpu_hour", offer => offer.PromptReserveMicrosPerGpuHour)
        .Word("State", "state", offer => offer.State)
        .GpuMinutes("Sold GPU-h", "sold_gpu_minutes", offer => offer.SoldGpuMinutes)
        .Money("Proceeds", "proceeds_micros", offer => offer.ProceedsMicros)
        .Time("Placed", "placed_time", offer => offer.PlacedTime);

    /// <summary>Trades.</summary>
    public static Sheet<Trade> Trades => new Sheet<Trade>("trades", "Nothing bought yet.")
        .Number("Lease", "lease_id", trade => trade.LeaseId)
        .Number("Run", "run_id", trade => trade.RunId)
        .Text("Market", "market", trade => trade.Market)
        .Count("GPUs", "gpu_count", trade => trade.GpuCount)
        .Time("From", "from_time", trade => trade.FromTime)
        .Time("To", "to_time", trade => trade.ToTime)
        .Price("Mean price", "mean_price_micros_per_gpu_hour", trade => trade.MeanPriceMicrosPerGpuHour)
        .Money("Cost", "cost_micros", trade => trade.CostMicros)
        .Time("Sold", "happened_time", trade => trade.HappenedTime);

    /// <summary>Leases.</summary>
    public static Sheet<Lease> Leases => new Sheet<Lease>("leases", "No leases.")
        .Number("Lease", "lease_id", lease => lease.LeaseId)
        .Text("Market", "market", lease => lease.Market)
        .Count("GPUs", "gpu_count", lease => lease.GpuCount)
        .Time("From", "from_time", lease => lease.FromTime)
        .Time("To", "to_time", lease => lease.ToTime)
        .Word("State", "state", lease => lease.State)
        .WordOrNone("Phase", "phase", lease => lease.Phase)
        .WordOrNone("Over because", "close_reason", lease => lease.CloseReason)
        .Time("Interrupted", "interrupt_time", lease => lease.InterruptTime)
        .Count("Slots", "slot_count", lease => lease.Meters.Count)
        .Count("Metered", "metered_slot_count", lease => lease.Meters.Count(meter => meter.Metered))
        .GpuMinutes("Sold GPU-h", "sold_gpu_minutes", lease => lease.Meters.Sum(meter => meter.SoldGpuSeconds) / 60)
        .GpuMinutes("Delivered GPU-h", "delivered_gpu_minutes", lease => lease.Meters.Sum(meter => meter.DeliveredGpuSeconds) / 60)
        .Text("Node", "node_id", lease => lease.NodeId)
        .Add("Delivery", "delivery_id", lease => Id(lease.DeliveryId)?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "", lease => Id(lease.DeliveryId), isNumber: true);

    /// <summary>Nodes.</summary>
    public static Sheet<Node> Nodes => new Sheet<Node>("nodes", "No nodes.")
        .Text("Node", "node_id", node => node.NodeId)
        .Text("Name", "name", node => node.Name)
        .Text("Market", "market", node => node.Market)
        .Count("GPUs", "gpu_count", node => node.GpuCount)
        .Count("Leased", "leased_gpu_count", node => node.LeasedGpuCount)
        .Count("Offered", "offered_gpu_count", node => node.OfferedGpuCount)
        .WordOrNone("State", "state", node => node.State)
        .WordOrNone("Presence", "presence", node => node.Presence)
        .Flag("Simulated", "simulated", node => node.Simulated)
        .Text("Class", "product_class", node => node.ProductClass)
        .Text("Place", "location", node => node.Location)
        .Ppm("Delivered", "reliability_ppm", node => node.ReliabilityPpm)
        .Time("Last heard of", "last_seen_time", node => node.LastSeenTime)
        .Text("Provider", "provider_id", node => node.ProviderId);

    /// <summary>Runs.</summary>
    public static Sheet<Run> Runs => new Sheet<Run>("runs", "No run yet.")
        .Number("Run", "run_id", run => run.RunId)
        .Time("Closed", "closed_time", run => run.ClosedTime)
        .Time("Cleared", "cleared_time", run => run.ClearedTime)
        .Count("Bids", "bid_count", run => run.BidCount)
        .Count("Offers", "offer_count", run => run.OfferCount)
        .Count("Leases", "lease_count", run => run.LeaseCount)
        .Money("Welfare", "welfare_micros", run => run.WelfareMicros)
        .Ppm("Gap at most", "gap_ppm", GapPpm)
        .Count("Left out", "left_out_count", run => run.LeftOutCount);

    static long? Id(long id) => id > 0 ? id : null;

    /// <summary>How far a run may be from the best there is, parts per million.</summary>
    public static long GapPpm(Run run) => (long)((Int128)(run.BoundMicros - run.WelfareMicros) * 1_000_000 / Math.Max(1, run.BoundMicros));
}
