using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.Core.Book;

namespace ComputeExchange.MatchingEngine.Core.Futures;

/// <summary>
/// The futures market: continuous books with call auctions, the accounts' positions and margin, and every check before an order is taken.
/// Design.md sections 5 and 8, rulebook sections 2, 3 and 8.4.
/// </summary>
/// <remarks>
/// Pure, like <see cref="Exchange"/>, which owns it. Requests come in batches at one time; what happens is written as <see cref="OrderEvent"/>s into
/// memory that is used again and again: nothing is allocated for an order. Not for several threads.
/// </remarks>
public sealed partial class FuturesMarket
{
    /// <summary>The most contracts that can be listed.</summary>
    public const int MostInstruments = 64;

    /// <summary>The most accounts that can be opened.</summary>
    public const int MostAccounts = 1 << 20;

    // In RestingOrder.Flags above the owner's own three: LimitBook.Guarded stands for reduce-only.
    private const byte IsDay = 8;
    private const byte IsGoodTillDate = 16;
    private const byte IsAtMarket = 32;

    private const int LeastSwept = 1_024;

    private readonly OrderPool _pool;
    private readonly Dictionary<string, Instrument> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, StopOrder> _stops = [];
    private readonly SortedSet<(uint Second, ulong Order)> _expiries = [];
    private int _mostExpiries = LeastSwept;
    private Instrument[] _instruments = [];
    private Account[] _accounts = new Account[16];
    private Position[] _positions = [];
    private OrderEvent[] _events = new OrderEvent[4_096];
    private int _eventCount;
    private int _accountCount;
    private int _stride;
    private ulong _lastOrder;
    private long _now;

    /// <summary>An empty market with room for so many resting orders before its memory grows.</summary>
    public FuturesMarket(int restingOrders = 1 << 16) => _pool = new OrderPool(restingOrders);

    /// <summary>What happened since <see cref="Begin"/>; valid until the next one.</summary>
    public ReadOnlySpan<OrderEvent> Events => _events.AsSpan(0, _eventCount);

    /// <summary>Orders resting in all books.</summary>
    public int Resting => _pool.Resting;

    /// <summary>When something is due by itself, in milliseconds since 1970; <see cref="long.MaxValue"/> for nothing.</summary>
    public long NextTimer { get; private set; } = long.MaxValue;

    /// <summary>The contracts' names in the order of their indexes.</summary>
    public IEnumerable<string> InstrumentNames => _instruments.Select(instrument => instrument.Terms.Name);

    /// <summary>Begins a command at a time in milliseconds since 1970: forgets the last one's events, does what was due by itself.</summary>
    public void Begin(long now)
    {
        _eventCount = 0;
        Pass(now);
    }

    /// <summary>Lets time pass to a moment within a command: does what is due by itself.</summary>
    public void Pass(long now)
    {
        // Each at its own moment: what expires after an auction is in it.
        while (NextTimer <= now) RunTimers();
        _now = Math.Max(now, _now);
        TellIndicatives();
    }

    /// <summary>Handles order requests in their order.</summary>
    /// <param name="ends">Takes, for each request, how many events there are after it; empty when nobody asks.</param>
    public void Handle(ReadOnlySpan<OrderRequest> requests, Span<int> ends = default)
    {
        for (var index = 0; index < requests.Length; index++)
        {
            ref readonly var request = ref requests[index];
            switch (request.Kind)
            {
                case OrderKind.Place: Place(in request); break;
                case OrderKind.Cancel: Cancel(in request); break;
                case OrderKind.Replace: Replace(in request); break;
                default: Reject(in request, RejectReason.WordUnknown, (long)request.Kind); break;
            }
            if (!ends.IsEmpty) ends[index] = _eventCount;
        }
        TellIndicatives();
    }

    /// <summary>Opens an account; says its index.</summary>
    public int OpenAccount(long funds, bool isActive)
    {
        if (_accountCount == MostAccounts) throw new InvalidOperationException("No more accounts can be opened.");
        if (_accountCount == _accounts.Length) Array.Resize(ref _accounts, _accounts.Length * 2);
        var limits = AccountLimits.Default;
        _accounts[_accountCount] = new Account { Funds = funds, IsActive = isActive };
        Limit(_accountCount, limits);
        _accounts[_accountCount].Tokens = limits.Burst * 1_000L;
        _accountCount++;
        Resize();
        return _accountCount - 1;
    }

    /// <summary>Says what an account may do from now on.</summary>
    public void Limit(int account, AccountLimits limits)
    {
        ref var limited = ref _accounts[account];
        limited.MayTrade = limits.MayTrade;
        limited.OrdersPerSecond = limits.OrdersPerSecond;
        limited.Burst = limits.Burst;
        limited.MostOpenOrders = limits.MostOpenOrders;
        limited.Tokens = Math.Min(limited.Tokens, limits.Burst * 1_000L);
    }

    /// <summary>Lets an account trade, or, when its owner is suspended, no longer.</summary>
    public void SetActive(int account, bool isActive) => _accounts[account].IsActive = isActive;

    /// <summary>Says what of an account's collateral the spot market leaves free, in micro-dollars.</summary>
    public void SetFunds(int account, long funds) => _accounts[account].Funds = funds;

    /// <summary>Margin and losses not settled yet, in micro-dollars: not free for anything else.</summary>
    public long RequiredOf(int account) => _accounts[account].Required;

    /// <summary>The margin of an account in an instrument, in micro-dollars: of its position alone, and what its open orders need beside it.</summary>
    public (long Position, long Orders) MarginOf(int account, int instrument)
    {
        ref var position = ref PositionAt((uint)account, (ushort)instrument);
        var held = Math.Abs(position.Lots);
        var perLot = _instruments[instrument].Margin;
        return (held * perLot, (position.Worst - held) * perLot);
    }

    /// <summary>An account's position.</summary>
    /// <returns>Lots held, lots open to buy, lots open to sell, and the cost of the lots in ticks × lots.</returns>
    public (long Lots, long Buys, long Sells, long Cost) PositionOf(int account, int instrument)
    {
        ref var position = ref PositionAt((uint)account, (ushort)instrument);
        return (position.Lots, position.Buys, position.Sells, position.Cost);
    }

    /// <summary>An account's unsettled gain, or loss below zero, in micro-dollars.</summary>
    public long VariationOf(int account) => _accounts[account].Variation;

    /// <summary>An account's open orders, stop orders included.</summary>
    public int OpenOrdersOf(int account) => _accounts[account].OpenOrders;

    /// <summary>The last client order id that an account used.</summary>
    public ulong LastClientOrderIdOf(int account) => _accounts[account].LastClientOrderId;

    /// <summary>Whether any order of an account asked to be cancelled when its connection is lost.</summary>
    public bool HasDisconnectOrders(int account) =>
        _instruments.Any(instrument => Orders(instrument, null).Any(position =>
            _pool.At(position).Owner == account && (_pool.At(position).Flags & (byte)OrderFlags.CancelOnDisconnect) != 0))
        || _stops.Values.Any(stop => stop.Request.Account == account && stop.Request.Flags.HasFlag(OrderFlags.CancelOnDisconnect));

    private static IEnumerable<uint> Orders(Instrument instrument, Side? side) =>
        (side is null or Side.Buy ? instrument.Book.Positions(Side.Buy) : []).Concat(side is null or Side.Sell ? instrument.Book.Positions(Side.Sell) : []);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Position PositionAt(uint account, ushort instrument) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_positions), (nint)((account * (long)_stride) + instrument));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Account AccountAt(uint account) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_accounts), (nint)account);

    private void Resize()
    {
        var stride = _instruments.Length;
        if (stride == _stride && _positions.Length >= _accountCount * stride) return;
        var positions = new Position[_accounts.Length * stride];
        for (var account = 0; account < _accountCount; account++)
            _positions.AsSpan(Math.Min(account * _stride, _positions.Length), Math.Min(_stride, Math.Max(0, _positions.Length - (account * _stride)))).CopyTo(positions.AsSpan(account * stride));
        (_positions, _stride) = (positions, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Tell(
        OrderEventKind kind, Side side, ushort instrument, uint account, ulong order, ulong other, int price, uint quantity, uint leaves, uint detail, long value)
    {
        if (_eventCount == _events.Length) Array.Resize(ref _events, _events.Length * 2);
        ref var told = ref _events[_eventCount++];
        told.Kind = kind;
        told.Side = side;
        told.Instrument = instrument;
        told.Account = account;
        told.Order = order;
        told.Other = other;
        told.Price = price;
        told.Quantity = quantity;
        told.Leaves = leaves;
        told.Detail = detail;
        told.Value = value;
    }

    private void Reject(in OrderRequest request, RejectReason reason, long value) =>
        Tell(OrderEventKind.Rejected, request.Side, request.Instrument, request.Account, request.Order, request.ClientOrderId,
            request.Price, request.Quantity, 0, (uint)reason, value);
}
