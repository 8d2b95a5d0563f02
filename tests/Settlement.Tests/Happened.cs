using ComputeExchange.Facts.ProviderRegistry.V1;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Settlement.Tests;

/// <summary>What the engine's feed and ProviderRegistry tell, in one line each.</summary>
public static class Happened
{
    public const string Market = "H100-SXM-80GB.us-east";

    public static EngineEvent Credited(CreditCollateral asked, Guid commandId) => new()
    {
        CollateralCredited = new CollateralMoved
        {
            ParticipantId = asked.ParticipantId, AmountMicros = asked.AmountMicros, Reference = asked.Reference, CommandId = commandId.ToString(),
        },
    };

    public static EngineEvent Debited(DebitCollateral asked, Guid commandId) => new()
    {
        CollateralDebited = new CollateralMoved
        {
            ParticipantId = asked.ParticipantId, AmountMicros = asked.AmountMicros, Reference = asked.Reference, CommandId = commandId.ToString(),
        },
    };

    public static EngineEvent BondSettled(long lease, int slot, Guid provider, long taken, long released = 0) => new()
    {
        BondSettled = new BondSettled { LeaseId = lease, SlotIndex = slot, ProviderId = provider.ToString(), TakenMicros = taken, ReleasedMicros = released },
    };

    public static EngineEvent Sold(long lease, Guid buyer, Guid provider, DateTimeOffset from, int gpus, params LeaseSlot[] slots)
    {
        for (var index = 0; index < slots.Length; index++)
        {
            slots[index].FromTime ??= from.AddHours(index).ToTimestamp();
            slots[index].ToTime ??= from.AddHours(index + 1).ToTimestamp();
        }
        return new EngineEvent
        {
            LeaseSold = new LeaseSold
            {
                LeaseId = lease, RunId = 1, BidId = 1, OfferId = 1, BuyerId = buyer.ToString(), ProviderId = provider.ToString(),
                NodeId = Guid.NewGuid().ToString(), Market = Market, GpuCount = gpus, Slots = { slots },
            },
        };
    }

    public static LeaseSlot Slot(long price, long cost, long buyerFee = 0, long sellerFee = 0, long bond = 0) => new()
    {
        PriceMicrosPerGpuHour = price, CostMicros = cost, BuyerFeeMicros = buyerFee, SellerFeeMicros = sellerFee, BondMicros = bond,
    };

    public static EngineEvent Cleared(long run, params (DateTimeOffset Slot, long Price)[] prices) => new()
    {
        RunCleared = new RunCleared
        {
            RunId = run,
            Prices = { prices.Select(p => new SpotPrice { Market = Market, SlotTime = p.Slot.ToTimestamp(), PriceMicrosPerGpuHour = p.Price, GpuCount = 1 }) },
        },
    };

    public static LeaseMetered Metered(long lease, int slot, long sold, long delivered) =>
        new() { LeaseId = lease, SlotIndex = slot, SoldGpuSeconds = sold, DeliveredGpuSeconds = delivered };

    public static DeliveryCorrected Corrected(long lease, int slot, long sold, long delivered, Guid? dispute = null) => new()
    {
        LeaseId = lease, SlotIndex = slot, SoldGpuSeconds = sold, DeliveredGpuSeconds = delivered, DisputeId = dispute ?? Guid.NewGuid(), Reason = "The re-test failed.",
    };
}
