using System.Diagnostics;
using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core.State;

/// <summary>A participant as the engine holds it: what it may do, and its money.</summary>
internal sealed class Participant(Guid id)
{
    public Guid Id { get; } = id;

    public bool MayBuy { get; set; }

    public bool MaySell { get; set; }

    public bool Active { get; set; }

    /// <summary>Its own fee as a buyer, in parts per million; null while the market's holds.</summary>
    public int? BuyerFeePpm { get; set; }

    /// <summary>Its own fee as a seller, in parts per million; null while the market's holds.</summary>
    public int? SellerFeePpm { get; set; }

    /// <summary>All money that can be traded with, what is reserved and bonded included.</summary>
    public Money Collateral { get; private set; }

    /// <summary>Reserved for open bids.</summary>
    public Money Reserved { get; private set; }

    /// <summary>Bonds of open offers and of leases not settled yet.</summary>
    public Money Bonds { get; private set; }

    /// <summary>Its account in the futures market; -1 when it has none.</summary>
    public int Account { get; private set; } = -1;

    /// <summary>Margin of the futures market, and its losses that are not settled yet.</summary>
    public Money Margin => _futures is null ? Money.Zero : new Money(_futures.RequiredOf(Account));

    /// <summary>What may be bid with, bonded, taken out, or used as margin. Below zero only while the futures market has lost more than the margin.</summary>
    public Money Free => Collateral - Reserved - Bonds - Margin;

    public int OpenBids { get; set; }

    /// <summary>How many of them are blocks.</summary>
    public int OpenBlocks { get; set; }

    private FuturesMarket? _futures;

    /// <summary>Opens its account in the futures market, which from now on knows what the spot market leaves free.</summary>
    public void OpenAccount(FuturesMarket futures) => TakeAccount(futures, futures.OpenAccount((Collateral - Reserved - Bonds).Micros, Active));

    /// <summary>Takes an account that a snapshot says is its own.</summary>
    public void TakeAccount(FuturesMarket futures, int account) => (_futures, Account) = (futures, account);

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
        var left = Collateral - Reserved - Bonds;
        if (Reserved < Money.Zero || Bonds < Money.Zero || left < Money.Zero)
            throw new UnreachableException($"{Id} would hold {Collateral} with {Reserved} reserved and {Bonds} bonded.");
        _futures?.SetFunds(Account, left.Micros);
    }
}
