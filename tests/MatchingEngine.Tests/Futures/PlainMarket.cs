using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>
/// The rules of the futures market told a second time, as plainly as they can be: one list of open orders, looked through for every question.
/// It exists to disagree with <see cref="FuturesMarket"/> where one of the two is wrong.
/// </summary>
internal sealed partial class PlainMarket
{
    private readonly List<Contract> _contracts = [];
    private readonly List<Trader> _traders = [];
    private readonly List<Order> _open = [];
    private readonly List<Bargain> _deals = [];
    private ulong _lastOrder;
    private long _lastTurn;
    private long _now;

    public List<OrderEvent> Events { get; } = [];

    public int Resting => _open.Count(order => order.State == State.Resting);

    public int DefineContract(InstrumentTerms terms, int reference)
    {
        var known = _contracts.FindIndex(contract => contract.Terms.Name == terms.Name);
        if (known >= 0) _contracts[known].Terms = terms;
        else _contracts.Add(new Contract { Index = (ushort)_contracts.Count, Terms = terms, Reference = reference, WindowPrice = reference });
        return known >= 0 ? known : _contracts.Count - 1;
    }

    public void OpenAccount(long funds, AccountLimits limits) => _traders.Add(new Trader { Funds = funds, Limits = limits, Tokens = limits.Burst * 1_000L });

    public void Limit(int account, AccountLimits limits)
    {
        _traders[account].Limits = limits;
        _traders[account].Tokens = Math.Min(_traders[account].Tokens, limits.Burst * 1_000L);
    }

    public void SetActive(int account, bool isActive) => _traders[account].IsActive = isActive;

    public void SetFunds(int account, long funds) => _traders[account].Funds = funds;

    public int OpenOrdersOf(int account) => _open.Count(order => order.Account == account);

    public (long Lots, long Buys, long Sells, long Cost) PositionOf(int account, int contract)
    {
        var dealt = _deals.Where(deal => deal.Contract == contract && !deal.IsBusted);
        long lots = 0, cost = 0;
        foreach (var deal in dealt)
        {
            if (deal.Buyer == account) (lots, cost) = (lots + deal.Lots, cost + (deal.Lots * deal.Price));
            if (deal.Seller == account) (lots, cost) = (lots - deal.Lots, cost - (deal.Lots * deal.Price));
        }
        long OpenOn(Side side) => _open.Where(order => order.Account == account && order.Contract.Index == contract && order.Side == side).Sum(order => order.Open);
        return (lots, OpenOn(Side.Buy), OpenOn(Side.Sell), cost);
    }

    public long VariationOf(int account) => _contracts.Sum(contract =>
        PositionOf(account, contract.Index) is var position ? ((position.Lots * contract.Reference) - position.Cost) * contract.Terms.TickValueMicros : 0);

    public long RequiredOf(int account) =>
        _contracts.Sum(contract => Worst(account, contract) * contract.Terms.MarginMicros) + Math.Max(0, -VariationOf(account));

    public void Begin(long now)
    {
        Events.Clear();
        while (true)
        {
            var due = _open.Where(order => order.Expiry != 0).Select(order => order.Expiry * 1_000L)
                .Concat(_contracts.Where(contract => contract.Until != 0).Select(contract => contract.Until))
                .Concat(_contracts.Where(contract => contract.IsStale && IsCall(contract)).Select(contract => contract.ToldAt + 1_000)).DefaultIfEmpty(long.MaxValue).Min();
            if (due > now) break;
            _now = due;
            foreach (var order in _open.Where(order => order.Expiry != 0 && order.Expiry * 1_000L <= _now).OrderBy(order => order.Expiry).ThenBy(order => order.Id).ToList())
                Shrink(order, order.Open, CancelReason.Expired);
            foreach (var contract in _contracts.Where(contract => contract.Until != 0 && contract.Until <= _now).ToList())
                Change(contract, contract.Phase == Phase.ClosingCall ? Phase.Closed : Phase.Continuous, 0);
            TellIndicatives();
        }
        _now = now;
        TellIndicatives();
    }

    public void Handle(ReadOnlySpan<OrderRequest> requests)
    {
        foreach (var request in requests)
        {
            if (request.Kind is < OrderKind.Place or > OrderKind.Replace) Reject(request, RejectReason.WordUnknown, (long)request.Kind);
            else if (request.Account >= _traders.Count) Reject(request, RejectReason.AccountUnknown, request.Account);
            else if (request.Kind == OrderKind.Cancel) Cancel(request);
            else if (request.ClientOrderId <= _traders[(int)request.Account].LastClientOrderId)
                Reject(request, RejectReason.ClientOrderIdNotRising, (long)_traders[(int)request.Account].LastClientOrderId);
            else
            {
                _traders[(int)request.Account].LastClientOrderId = request.ClientOrderId;
                if (request.Kind == OrderKind.Place) Place(request);
                else Replace(request);
            }
        }
        TellIndicatives();
    }

    public void SetReference(int index, int reference)
    {
        var contract = _contracts[index];
        contract.Reference = reference;
        if (contract.Last == 0) contract.WindowPrice = reference;
        contract.IsStale = true;
        Tell(OrderEventKind.ReferenceSet, Side.Buy, contract, 0, 0, price: reference);
        TellIndicatives();
    }

    public void SetPhase(int index, Phase phase, long until)
    {
        Change(_contracts[index], phase, until);
        TellIndicatives();
    }

    public void CancelOrders(int? account, int? contract, Side? side, CancelReason reason)
    {
        bool Fits(Order order) =>
            (account is null || order.Account == account) && (side is null || order.Side == side)
            && (reason != CancelReason.Disconnected || order.Flags.HasFlag(OrderFlags.CancelOnDisconnect));
        foreach (var traded in _contracts.Where(traded => contract is null || traded.Index == contract))
            foreach (var order in InBook(traded).Concat(Waiting(traded)).Where(Fits).ToList()) Shrink(order, order.Open, reason);
        TellIndicatives();
    }

    public void Bust(long number)
    {
        var deal = _deals[(int)number - 1];
        deal.IsBusted = true;
        Tell(OrderEventKind.Busted, Side.Buy, _contracts[deal.Contract], deal.Buyer, 0, price: deal.Price, quantity: (uint)deal.Lots, detail: (uint)deal.Seller, value: number);
    }

    private static bool IsCall(Contract contract) => contract.Phase is Phase.OpeningCall or Phase.ClosingCall or Phase.VolatilityCall;

    private static (int Low, int High) Around(Contract contract, int price, int ppm)
    {
        var width = Math.Max(contract.Terms.BandFloorTicks, (int)(price * (long)ppm / 1_000_000));
        return (Math.Max(1, price - width), price + width);
    }

    private static (int Low, int High) Band(Contract contract) => Around(contract, contract.Reference, contract.Terms.BandPpm);

    private long Worst(int account, Contract contract)
    {
        var (lots, buys, sells, _) = PositionOf(account, contract.Index);
        return Math.Max(lots + buys, sells - lots);
    }

    private long Reducible(Order order) => Reducible(order.Account, order.Contract, order.Side);

    private long Reducible(int account, Contract contract, Side side)
    {
        var lots = PositionOf(account, contract.Index).Lots;
        return Math.Max(0, side == Side.Buy ? -lots : lots);
    }

    /// <summary>A side's orders in the book, best price and earliest first.</summary>
    private IEnumerable<Order> Queue(Contract contract, Side side) =>
        _open.Where(order => order.State == State.Resting && order.Contract == contract && order.Side == side)
            .OrderBy(order => side == Side.Buy ? -(long)order.Price : order.Price).ThenBy(order => order.Turn);

    private IEnumerable<Order> InBook(Contract contract) => Queue(contract, Side.Buy).Concat(Queue(contract, Side.Sell));

    /// <summary>Stop orders, nearest price and earliest first: those to buy, then those to sell.</summary>
    private IEnumerable<Order> Waiting(Contract contract)
    {
        var waiting = _open.Where(order => order.State == State.Waiting && order.Contract == contract).ToList();
        return waiting.Where(order => order.Side == Side.Buy).OrderBy(order => order.Stop).ThenBy(order => order.Id)
            .Concat(waiting.Where(order => order.Side == Side.Sell).OrderByDescending(order => order.Stop).ThenBy(order => order.Id));
    }

    private static bool Crosses(Order best, Side taker, int limit) => taker == Side.Buy ? best.Price <= limit : best.Price >= limit;

    private static Side Opposite(Side side) => side == Side.Buy ? Side.Sell : Side.Buy;

    private void Reject(OrderRequest request, RejectReason reason, long value) => Events.Add(new OrderEvent
    {
        Kind = OrderEventKind.Rejected, Side = request.Side, Instrument = request.Instrument, Account = request.Account, Order = request.Order,
        Other = request.ClientOrderId, Price = request.Price, Quantity = request.Quantity, Detail = (uint)reason, Value = value,
    });

    private void Tell(
        OrderEventKind kind, Side side, Contract contract, int account, ulong order, ulong other = 0, int price = 0, uint quantity = 0, uint leaves = 0, uint detail = 0,
        long value = 0) => Events.Add(new OrderEvent
        {
            Kind = kind, Side = side, Instrument = contract.Index, Account = (uint)account, Order = order, Other = other, Price = price, Quantity = quantity,
            Leaves = leaves, Detail = detail, Value = value,
        });

    private enum State
    {
        Incoming,
        Resting,
        Waiting,
    }

    private sealed class Contract
    {
        public required ushort Index { get; init; }

        public required InstrumentTerms Terms { get; set; }

        public required int Reference { get; set; }

        public Phase Phase { get; set; }

        public long Until { get; set; }

        public int Last { get; set; }

        public int WindowPrice { get; set; }

        public long WindowAt { get; set; }

        /// <summary>Prices traded since stop orders were last looked at.</summary>
        public List<int> Seen { get; } = [];

        public bool IsStale { get; set; }

        public long ToldAt { get; set; }
    }

    private sealed class Trader
    {
        public long Funds { get; set; }

        public required AccountLimits Limits { get; set; }

        public bool IsActive { get; set; } = true;

        public ulong LastClientOrderId { get; set; }

        public long Tokens { get; set; }

        public long RateAt { get; set; }
    }

    private sealed class Bargain
    {
        public required int Contract { get; init; }

        public required int Buyer { get; init; }

        public required int Seller { get; init; }

        public required int Price { get; init; }

        public required long Lots { get; init; }

        public bool IsBusted { get; set; }
    }

    private sealed class Order
    {
        public required ulong Id { get; init; }

        public required int Account { get; init; }

        public required Contract Contract { get; init; }

        public required Side Side { get; init; }

        public required OrderType Type { get; set; }

        public required TimeInForce Force { get; init; }

        public required OrderFlags Flags { get; init; }

        public required SelfTrade SelfTrade { get; set; }

        public required uint Expiry { get; init; }

        public required uint Peak { get; init; }

        public int Stop { get; set; }

        public int Price { get; set; }

        public uint Open { get; set; }

        public uint Shown { get; set; }

        public long Turn { get; set; }

        public State State { get; set; }
    }
}
