using System.Diagnostics;
using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core.State;

/// <summary>A participant as the engine holds it: what it may do, and its money.</summary>
internal sealed class Participant(Guid id)
{
    public Guid Id { get; } = id;

    public bool MayBuy { get; set; }

    public bool MaySell { get; set; }

    public bool Active { get; set; }

    /// <summary>All money that can be traded with, what is reserved and bonded included.</summary>
    public Money Collateral { get; private set; }

    /// <summary>Reserved for open bids.</summary>
    public Money Reserved { get; private set; }

    /// <summary>Bonds of open offers and of leases not settled yet.</summary>
    public Money Bonds { get; private set; }

    /// <summary>What may be bid with, bonded or taken out. Never below zero.</summary>
    public Money Free => Collateral - Reserved - Bonds;

    public int OpenBids { get; set; }

    public void Credit(Money amount) => Move(amount, Money.Zero, Money.Zero);

    public void Debit(Money amount) => Move(-amount, Money.Zero, Money.Zero);

    /// <summary>Reserves more for a bid, or, below zero, less.</summary>
    public void Reserve(Money change) => Move(Money.Zero, change, Money.Zero);

    /// <summary>Bonds more, or, below zero, less.</summary>
    public void Bond(Money change) => Move(Money.Zero, Money.Zero, change);

    /// <summary>Pays for capacity out of what was reserved for it.</summary>
    public void Pay(Money amount, Money reservedBefore, Money reservedAfter) => Move(-amount, reservedAfter - reservedBefore, Money.Zero);

    /// <summary>Settles a bond: all of it is no longer bonded, and a part of it is lost.</summary>
    public void Settle(Money bond, Money taken) => Move(-taken, Money.Zero, -bond);

    private void Move(Money collateral, Money reserved, Money bonds)
    {
        Collateral += collateral;
        Reserved += reserved;
        Bonds += bonds;
        if (Reserved < Money.Zero || Bonds < Money.Zero || Free < Money.Zero)
            throw new UnreachableException($"{Id} would hold {Collateral} with {Reserved} reserved and {Bonds} bonded.");
    }
}
