using ComputeExchange.MatchingEngine.Core.State;
using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>What the engine holds for everyone, and why.</summary>
public sealed partial class Exchange
{
    /// <summary>Everyone's money, by participant.</summary>
    public IEnumerable<Holding> Holdings => _participants.Values.Select(HoldingOf);

    /// <summary>One participant's money, or null for one the engine does not know.</summary>
    public Holding? HoldingOf(Guid participant) => _participants.TryGetValue(participant, out var p) ? HoldingOf(p) : null;

    /// <summary>Why a participant's money is not free, bid by bid and contract by contract: in all what is reserved, and the margin.</summary>
    public IReadOnlyList<Reservation> ReservationsOf(Guid participant)
    {
        var reservations = _bids.Values
            .Where(bid => bid.Terms.Buyer == participant && bid.Reserved > Money.Zero)
            .Select(bid => new Reservation(ReasonOf(bid), bid.Id, "", bid.Reserved))
            .ToList();
        if (AccountOf(participant) is not (var account and >= 0)) return reservations;

        var instrument = 0;
        foreach (var name in _futures.InstrumentNames)
        {
            var (position, orders) = _futures.MarginOf(account, instrument++);
            if (position > 0) reservations.Add(new Reservation(ReservationReason.Position, 0, name, new Money(position)));
            if (orders > 0) reservations.Add(new Reservation(ReservationReason.OpenOrders, 0, name, new Money(orders)));
        }
        if (_futures.VariationOf(account) is var variation and < 0)
            reservations.Add(new Reservation(ReservationReason.UnsettledLoss, 0, "", new Money(-variation)));
        return reservations;
    }

    /// <summary>What a participant's bonds are for, offer by offer and slot by slot of what it sold: in all what is bonded.</summary>
    public IReadOnlyList<OpenBond> BondsOf(Guid participant) =>
    [
        .. _offers.Values.Where(offer => offer.Seller == participant && offer.Bond > Money.Zero).Select(offer => new OpenBond(offer.Id, 0, 0, offer.Bond)),
        .. _leases.Values.Where(lease => lease.Provider == participant).SelectMany(lease => lease.Bonds
            .Select((bond, slot) => new OpenBond(0, lease.Id, slot, new Money(bond)))
            .Where(bond => bond.Amount > Money.Zero)),
    ];

    private Holding HoldingOf(Participant p) => new(
        p.Id, p.Collateral, p.Reserved, p.Bonds, p.Free, p.BuyerFeePpm ?? Settings.BuyerFeePpm, p.SellerFeePpm ?? Settings.SellerFeePpm);

    private static ReservationReason ReasonOf(Bid bid) =>
        bid.IsBlock ? ReservationReason.Block : bid.IsStanding ? ReservationReason.StandingBid : ReservationReason.Bid;
}

/// <summary>One participant's money in the engine, and the rates that its next bid and its next offer are stamped with.</summary>
public sealed record Holding(Guid Participant, Money Collateral, Money Reserved, Money Bonds, Money Free, int BuyerFeePpm, int SellerFeePpm)
{
    /// <summary>What the futures market holds of it: margin, and losses not settled yet.</summary>
    public Money Margin => Collateral - Reserved - Bonds - Free;
}

/// <summary>Why some money is not free.</summary>
public enum ReservationReason
{
    /// <summary>An open divisible bid: its limit for all that it still wants, and the fee.</summary>
    Bid = 1,

    /// <summary>An open block: its limit for its whole run, and the fee.</summary>
    Block = 2,

    /// <summary>An open standing bid: its limit for its next slots, and the fee.</summary>
    StandingBid = 3,

    /// <summary>The margin of a position in a futures contract.</summary>
    Position = 4,

    /// <summary>The margin that open orders in a futures contract can come to need beside the position's.</summary>
    OpenOrders = 5,

    /// <summary>What futures have lost since they were last settled.</summary>
    UnsettledLoss = 6,
}

/// <summary>Some money that is not free, and why.</summary>
/// <param name="Bid">The bid it is reserved for; 0 for none.</param>
/// <param name="Instrument">The futures contract it is margin of; empty for none.</param>
public sealed record Reservation(ReservationReason Reason, long Bid, string Instrument, Money Amount);

/// <summary>A bond of an open offer, or of a slot of a lease that is not settled yet; what it is not of is 0.</summary>
public sealed record OpenBond(long Offer, long Lease, int Slot, Money Amount);
