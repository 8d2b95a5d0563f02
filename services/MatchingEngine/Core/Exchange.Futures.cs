using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.Core.Futures;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>The futures market's commands: who and what is meant, and then the market itself.</summary>
public sealed partial class Exchange
{
    private const int MostRequests = 1 << 16;
    private static readonly TimeSpan BustPatience = TimeSpan.FromMinutes(15);

    private readonly FuturesMarket _futures = new();
    private readonly SortedDictionary<long, (Guid Operator, string Reason, DateTimeOffset Until)> _busts = [];
    private readonly List<Guid> _accounts = [];

    /// <summary>The futures market, to be asked; what changes it are commands.</summary>
    public FuturesMarket Futures => _futures;

    /// <summary>The participants with an account in the futures market, in the order of the accounts' indexes.</summary>
    public IReadOnlyList<Guid> Accounts => _accounts;

    /// <summary>After an <see cref="Command.EnterOrders"/>: for each request, how many events there are after it.</summary>
    public ReadOnlySpan<int> RequestEnds => _requestEnds.AsSpan(0, _requestCount);

    /// <summary>After an <see cref="Command.EnterOrders"/>: how many events there were before the first request.</summary>
    public int RequestStart { get; private set; }

    private int[] _requestEnds = [];
    private int _requestCount;

    /// <summary>The index of a participant's account in the futures market; -1 when it has none.</summary>
    public int AccountOf(Guid participant) => _participants.TryGetValue(participant, out var known) ? known.Account : -1;

    private void Define(Command.DefineInstrument command)
    {
        if (command.Terms.Wrong() is { } wrong) Refuse("INSTRUMENT_TERMS", wrong.Field, wrong.Message);
        else if (command.Reference is < 1 or > FuturesMarket.HighestReference)
            Refuse("REFERENCE_OUT_OF_RANGE", "reference_ticks", $"is {command.Reference}; it can be 1 to {FuturesMarket.HighestReference}.");
        else if (_futures.IndexOf(command.Terms.Name) is var known and >= 0 && _futures.TermsOf(known).TickValueMicros != command.Terms.TickValueMicros)
            Refuse("CONTRACT_SIZE_FIXED", "tick_value_micros", $"is {_futures.TermsOf(known).TickValueMicros} for good: list another contract.");
        else if (_futures.IndexOf(command.Terms.Name) < 0 && _futures.InstrumentNames.Count() == FuturesMarket.MostInstruments)
            Refuse("TOO_MANY_INSTRUMENTS", "name", $"would be one more than the {FuturesMarket.MostInstruments} contracts that can be listed.");
        else
        {
            var index = _futures.Define(command.Terms, command.Reference);
            _events.Add(new Event.InstrumentDefined(index, command.Terms, _futures.ReferenceOf(index)));
        }
    }

    private void Set(Command.SetPhase command)
    {
        if (Instrument(command.Instrument) is not { } index) return;
        var isCall = command.Phase is Phase.OpeningCall or Phase.ClosingCall;
        if (command.Phase is < Phase.Closed or > Phase.Halted or Phase.VolatilityCall)
            Refuse("PHASE", "phase", "can be closed, opening call, continuous, closing call or halted.");
        else if (isCall && (command.Until <= Now || command.Until > Now.AddDays(1)))
            Refuse("CALL_END", "until_time", $"is {command.Until:O}; a call auction ends after now, {Now:O}, and within a day.");
        else if (command.Phase == Phase.Continuous && _futures.PhaseOf(index) is (Phase.Halted or Phase.Closed) && _futures.IsCrossed(index))
            Refuse("BOOK_CROSSED", "phase", "cannot be continuous at once: orders gathered in an auction cross each other. Resume with an opening call.");
        else if (command.Phase == Phase.ClosingCall && _futures.PhaseOf(index) != Phase.Continuous)
            Refuse("PHASE_ORDER", "phase", "can be a closing call only after continuous trading.");
        else _futures.SetPhase(index, command.Phase, command.Until.ToUnixTimeMilliseconds());
    }

    private void Set(Command.SetReference command)
    {
        if (Instrument(command.Instrument) is not { } index) return;
        if (command.Reference is < 1 or > FuturesMarket.HighestReference)
            Refuse("REFERENCE_OUT_OF_RANGE", "reference_ticks", $"is {command.Reference}; it can be 1 to {FuturesMarket.HighestReference}.");
        else _futures.SetReference(index, command.Reference);
    }

    private void Open(Command.OpenAccount command)
    {
        if (!_participants.TryGetValue(command.Participant, out var participant))
        {
            Refuse("PARTICIPANT_UNKNOWN", "participant_id", "is nobody that Participants has told of.", command.Participant);
            return;
        }
        if (participant.Account < 0)
        {
            if (_accounts.Count == FuturesMarket.MostAccounts)
            {
                Refuse("TOO_MANY_ACCOUNTS", "participant_id", $"would be one more than the {FuturesMarket.MostAccounts} accounts that can be opened.", command.Participant);
                return;
            }
            _accounts.Add(command.Participant);
            participant.OpenAccount(_futures);
        }
        _events.Add(new Event.AccountOpened(participant.Account, command.Participant));
    }

    private void Limit(Command.LimitAccount command)
    {
        static bool IsIn(int value, int least, int most) => value >= least && value <= most;
        var limits = command.Limits;
        if (Account(command.Participant) is not { } account) return;
        if (!IsIn(limits.OrdersPerSecond, 0, 10_000_000)) Refuse("LIMIT_OUT_OF_RANGE", "orders_per_second", $"is {limits.OrdersPerSecond}; it can be 0, for none, to 10000000.");
        else if (!IsIn(limits.Burst, 1, 10_000_000)) Refuse("LIMIT_OUT_OF_RANGE", "order_burst", $"is {limits.Burst}; it can be 1 to 10000000.");
        else if (!IsIn(limits.MostOpenOrders, 0, 10_000_000)) Refuse("LIMIT_OUT_OF_RANGE", "open_order_count_max", $"is {limits.MostOpenOrders}; it can be 0 to 10000000.");
        else
        {
            _futures.Limit(account, limits);
            _events.Add(new Event.AccountLimited(command.Participant, limits));
        }
    }

    private void Enter(Command.EnterOrders command)
    {
        var length = command.Requests.Length;
        if (length == 0 || length % OrderRequest.Size != 0 || length / OrderRequest.Size > MostRequests)
        {
            Refuse("REQUESTS", "requests", $"are {length} bytes; it must be 1 to {MostRequests} requests of {OrderRequest.Size} bytes each.");
            return;
        }
        _requestCount = length / OrderRequest.Size;
        if (_requestEnds.Length < _requestCount) _requestEnds = new int[Math.Max(_requestCount, 1_024)];
        RequestStart = _futures.Events.Length;
        _futures.Handle(MemoryMarshal.Cast<byte, OrderRequest>(command.Requests.Span), _requestEnds.AsSpan(0, _requestCount));
    }

    private void Cancel(Command.CancelOrders command)
    {
        int? account = null;
        if (command.Participant != Guid.Empty)
        {
            if (Account(command.Participant) is not { } known) return;
            account = known;
        }
        int? instrument = null;
        if (command.Instrument.Length > 0)
        {
            if (Instrument(command.Instrument) is not { } known) return;
            instrument = known;
        }
        if (command.Reason is CancelReason.Owner or CancelReason.Disconnected or CancelReason.MassCancel)
            _futures.CancelOrders(account, instrument, command.Side, command.Reason);
        else Refuse("CANCEL_REASON", "reason", "can be owner, disconnected or mass cancel.");
    }

    private void Bust(Command.BustTrade command)
    {
        foreach (var old in _busts.Where(bust => bust.Value.Until <= Now).Select(bust => bust.Key).ToList()) _busts.Remove(old);
        if (command.Operator == Guid.Empty) Refuse("OPERATOR_MISSING", "operator_id", "must say which operator asks for it.");
        else if (!_futures.CanBust(command.Trade))
            Refuse("TRADE_NOT_BUSTABLE", "trade_id", $"{command.Trade} is no trade of the last ten minutes that still stands.");
        else if (!_busts.TryGetValue(command.Trade, out var proposed))
        {
            var until = Now + BustPatience;
            _busts.Add(command.Trade, (command.Operator, command.Reason, until));
            _events.Add(new Event.BustProposed(command.Trade, command.Operator, command.Reason, until));
        }
        else if (proposed.Operator == command.Operator)
            Refuse("SECOND_OPERATOR_NEEDED", "operator_id", "proposed this already; another operator must say the same.");
        else
        {
            _busts.Remove(command.Trade);
            _futures.Bust(command.Trade);
            _events.Add(new Event.TradeBusted(command.Trade, proposed.Operator, command.Operator, proposed.Reason));
        }
    }

    private int? Instrument(string name)
    {
        if (_futures.IndexOf(name) is var index and >= 0) return index;
        Refuse("INSTRUMENT_UNKNOWN", "instrument", $"there is no instrument '{name}'.");
        return null;
    }

    private int? Account(Guid participant)
    {
        if (AccountOf(participant) is var account and >= 0) return account;
        Refuse("ACCOUNT_UNKNOWN", "participant_id", "has no account in the futures market.", participant);
        return null;
    }

    /// <summary>What the futures market has to tell of this command, and of what was due before it, as one event; nothing when it has nothing.</summary>
    private void TellFutures()
    {
        var told = _futures.Events;
        if (!told.IsEmpty) _events.Insert(0, new Event.OrdersHandled(MemoryMarshal.AsBytes(told).ToArray()));
    }
}
