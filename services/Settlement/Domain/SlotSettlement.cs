using ComputeExchange.Values;

namespace ComputeExchange.Settlement.Domain;

/// <summary>One slot of a lease as it was sold: what is in escrow for it, and the provider's bond.</summary>
public sealed record SoldSlot
{
    /// <param name="price">The uniform price it was sold at.</param>
    /// <param name="cost">What the buyer paid, fee apart.</param>
    /// <param name="buyerFee">The buyer's fee, paid beside the cost.</param>
    /// <param name="sellerFee">The seller's fee, to come out of the cost.</param>
    /// <param name="bond">What the provider loses at most.</param>
    /// <exception cref="ArgumentOutOfRangeException">An amount is negative, or the seller's fee is more than the proceeds.</exception>
    public SoldSlot(Price price, Money cost, Money buyerFee, Money sellerFee, Money bond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(price.MicrosPerGpuHour, nameof(price));
        ArgumentOutOfRangeException.ThrowIfNegative(cost.Micros, nameof(cost));
        ArgumentOutOfRangeException.ThrowIfNegative(buyerFee.Micros, nameof(buyerFee));
        ArgumentOutOfRangeException.ThrowIfNegative(sellerFee.Micros, nameof(sellerFee));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sellerFee.Micros, cost.Micros, nameof(sellerFee));
        ArgumentOutOfRangeException.ThrowIfNegative(bond.Micros, nameof(bond));
        (Price, Cost, BuyerFee, SellerFee, Bond) = (price, cost, buyerFee, sellerFee, bond);
    }

    public Price Price { get; }

    public Money Cost { get; }

    public Money BuyerFee { get; }

    public Money SellerFee { get; }

    public Money Bond { get; }

    /// <summary>What is in escrow for the slot until it is metered.</summary>
    public Money Escrow => Cost + BuyerFee;
}

/// <summary>Who gets what of a metered slot. The first four add up to the slot's escrow, to the micro-dollar.</summary>
/// <param name="Earned">To the provider, its fee already taken off.</param>
/// <param name="BuyerFee">To the exchange, beside the part of the cost that was delivered.</param>
/// <param name="SellerFee">To the exchange, out of the provider's proceeds.</param>
/// <param name="Refund">Back to the buyer: cost and fee of what was not delivered.</param>
/// <param name="Compensation">To the buyer, out of the provider's bond.</param>
public sealed record SlotSettlement(Money Earned, Money BuyerFee, Money SellerFee, Money Refund, Money Compensation)
{
    /// <summary>What a replacement costs above the better of the two prices: alpha of rulebook section 6.</summary>
    public const int AlphaPercent = 10;

    /// <summary>The same for what nobody was told of two hours ahead.</summary>
    public const int UnnotifiedAlphaPercent = 25;

    /// <summary>Compensation for a GPU-hour is at most this many times its price.</summary>
    public const int PriceCap = 3;

    /// <summary>Settles a slot: pay for what was delivered, the rest back, and compensation for what is short (rulebook section 6).</summary>
    /// <param name="slot">What was sold.</param>
    /// <param name="soldGpuSeconds">Above 0.</param>
    /// <param name="deliveredGpuSeconds">From 0 to what was sold.</param>
    /// <param name="reference">What the slot cost elsewhere when it was missed; the slot's own price where nothing is known.</param>
    /// <param name="unnotifiedGpuSeconds">Of what is short, that nobody was told of two hours ahead.</param>
    /// <exception cref="ArgumentOutOfRangeException">A quantity is out of its range.</exception>
    public static SlotSettlement Of(SoldSlot slot, long soldGpuSeconds, long deliveredGpuSeconds, Price reference, long unnotifiedGpuSeconds = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(soldGpuSeconds);
        ArgumentOutOfRangeException.ThrowIfNegative(deliveredGpuSeconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(deliveredGpuSeconds, soldGpuSeconds);
        ArgumentOutOfRangeException.ThrowIfNegative(unnotifiedGpuSeconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(unnotifiedGpuSeconds, soldGpuSeconds - deliveredGpuSeconds);

        var proceeds = DeliveredPart(slot.Cost, deliveredGpuSeconds, soldGpuSeconds);
        var buyerFee = DeliveredPart(slot.BuyerFee, deliveredGpuSeconds, soldGpuSeconds);
        var sellerFee = DeliveredPart(slot.SellerFee, deliveredGpuSeconds, soldGpuSeconds);
        return new SlotSettlement(
            Earned: proceeds - sellerFee,
            BuyerFee: buyerFee,
            SellerFee: sellerFee,
            Refund: slot.Escrow - proceeds - buyerFee,
            Compensation: CompensationFor(slot, soldGpuSeconds - deliveredGpuSeconds - unnotifiedGpuSeconds, unnotifiedGpuSeconds, reference));
    }

    /// <summary>The part of an amount that was delivered, rounded down: what does not divide goes to the buyer.</summary>
    public static Money DeliveredPart(Money amount, long delivered, long sold) =>
        new((long)((Int128)amount.Micros * delivered / sold));

    /// <summary>Short × (IP − P) with the imbalance price IP = max(P, R)(1 + alpha); at most 3 P a GPU-hour and at most the bond. Rounded down.</summary>
    private static Money CompensationFor(SoldSlot slot, long notifiedGpuSeconds, long unnotifiedGpuSeconds, Price reference)
    {
        Int128 price = slot.Price.MicrosPerGpuHour;
        Int128 dearer = Math.Max(slot.Price.MicrosPerGpuHour, reference.MicrosPerGpuHour);

        // In hundredths of a micro-dollar for one GPU-hour, so that only the last step rounds.
        Int128 Premium(int alpha) => Int128.Min((dearer * (100 + alpha)) - (price * 100), price * 100 * PriceCap);
        var compensation = ((Premium(AlphaPercent) * notifiedGpuSeconds) + (Premium(UnnotifiedAlphaPercent) * unnotifiedGpuSeconds)) / (100 * 3_600);
        return new Money((long)Int128.Min(compensation, slot.Bond.Micros));
    }
}
