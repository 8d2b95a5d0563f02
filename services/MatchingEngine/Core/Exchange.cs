using System.Diagnostics;
using ComputeExchange.MatchingEngine.Core.State;
using ComputeExchange.Values;

namespace ComputeExchange.MatchingEngine.Core;

/// <summary>
/// The state machine of the spot market: commands in, events out. It holds what the market decides on: money, sellable
/// GPUs, limits, bids, offers and the run that clears.
/// </summary>
/// <remarks>
/// Pure: no I/O, no clock, no chance. The same commands at the same times give the same events and the same
/// <see cref="StateHash"/> on any machine. Not for several threads.
/// </remarks>
public sealed partial class Exchange
{
    /// <summary>The version of these rules. It stands with every journaled command, which is read again under the rules it was told under.</summary>
    public const string Version = "5";

    private readonly SortedDictionary<string, bool> _markets = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, Participant> _participants = [];
    private readonly Dictionary<Guid, Node> _nodes = [];
    private readonly SortedDictionary<long, Offer> _offers = [];
    private readonly SortedDictionary<long, Bid> _bids = [];
    private readonly SortedDictionary<long, OpenLease> _leases = [];
    private readonly SortedDictionary<long, SortedDictionary<string, Price>> _lastPrices = [];
    private readonly List<Event> _events = [];

    private int _rules;
    private ClearingRun? _clearing;
    private long _lastOffer;
    private long _lastBid;
    private long _lastLease;
    private long _lastRun;

    /// <summary>The exchange's time: that of the last command, or where the clock was moved.</summary>
    public DateTimeOffset Now { get; private set; } = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The settings in force.</summary>
    public Settings Settings { get; private set; } = Settings.Default;

    /// <summary>The markets and whether they trade.</summary>
    public IReadOnlyDictionary<string, bool> Markets => _markets;

    /// <summary>The run that waits for its solution; 0 for none.</summary>
    public long ClearingRun => _clearing?.Id ?? 0;

    /// <summary>The closed run's problem as it was told; null when none clears.</summary>
    public Values.Auctions.AuctionProblem? ClearingProblem => _clearing?.Problem;

    /// <summary>Whether commands that were told under a version of the rules can be read again.</summary>
    public static bool Knows(string version) => version is "1" or "2" or "3" or "4" or Version;

    /// <summary>Applies one command at a time not before the last one's; tells what it caused.</summary>
    /// <param name="command">The command.</param>
    /// <param name="at">When it is decided.</param>
    /// <param name="version">The rules it is decided under: those in force, or, for one that was told before, those of then.</param>
    /// <returns>
    /// What it caused, after what was due by itself at its time. An <see cref="Event.Refused"/> when the rules say no: then the command changed nothing.
    /// </returns>
    public IReadOnlyList<Event> Apply(Command command, DateTimeOffset at, string version = Version)
    {
        if (!Knows(version)) throw new ArgumentException($"The rules of version '{version}' are not known here.", nameof(version));
        _rules = version[0] - '0';
        if (at > Now) Now = at;
        _events.Clear();
        _requestCount = 0;
        _futures.Begin(Now.ToUnixTimeMilliseconds());
        switch (_rules < 5 ? WithoutNodes(command) : command)
        {
            case Command.ChangeSettings change: Change(change); break;
            case Command.DefineMarket define: Define(define); break;
            case Command.SetParticipant set: Set(set); break;
            case Command.CreditCollateral credit: Credit(credit); break;
            case Command.DebitCollateral debit: Debit(debit); break;
            case Command.SetFees set: Set(set); break;
            case Command.SetNode set: Set(set); break;
            case Command.PlaceOffer place: Place(place); break;
            case Command.CancelOffer cancel: Cancel(cancel); break;
            case Command.PlaceBid place: Place(place); break;
            case Command.CancelBid cancel: Cancel(cancel); break;
            case Command.CloseRun: CloseRun(); break;
            case Command.ClearRun clear: Clear(clear); break;
            case Command.ReopenRun reopen: Reopen(reopen); break;
            case Command.SettleBond settle: Settle(settle); break;
            case Command.MoveLease move: Move(move); break;
            case Command.AdvanceClock advance: Advance(advance); break;
            case Command.PassTime: break;
            case Command.DefineInstrument define: Define(define); break;
            case Command.SetPhase set: Set(set); break;
            case Command.SetReference set: Set(set); break;
            case Command.OpenAccount open: Open(open); break;
            case Command.LimitAccount limit: Limit(limit); break;
            case Command.EnterOrders enter: Enter(enter); break;
            case Command.CancelOrders cancel: Cancel(cancel); break;
            case Command.BustTrade bust: Bust(bust); break;
            default: throw new UnreachableException($"No rule for {command}.");
        }
        TellFutures();
        return [.. _events];
    }

    /// <summary>A command as the versions before the fifth read it: of what bids and nodes say of each other they knew nothing.</summary>
    private static Command WithoutNodes(Command command) => command switch
    {
        Command.SetNode set => set with { Traits = NodeTraits.None },
        Command.PlaceOffer place => place with { ByPolicy = false },
        Command.PlaceBid place => place with { Needs = null, Replaces = 0, Extends = 0 },
        _ => command,
    };

    private void Refuse(string reason, string field, string message, Guid participant = default) =>
        _events.Add(new Event.Refused(reason, field, message, participant));

    private Participant ParticipantOf(Guid id)
    {
        if (!_participants.TryGetValue(id, out var participant)) _participants.Add(id, participant = new Participant(id));
        return participant;
    }

    private long SlotOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / (Settings.SlotMinutes * 60L);

    private DateTimeOffset StartOf(long slot) => DateTimeOffset.FromUnixTimeSeconds(slot * Settings.SlotMinutes * 60L);

    private bool IsSlotStart(DateTimeOffset time) =>
        time.UtcTicks % TimeSpan.TicksPerSecond == 0 && time.ToUnixTimeSeconds() % (Settings.SlotMinutes * 60L) == 0;

    /// <summary>What is left of a slot at a moment, in whole minutes; a whole slot if it has not begun.</summary>
    private int MinutesLeft(long slot, DateTimeOffset at)
    {
        var left = (long)(StartOf(slot + 1) - at).TotalMinutes;
        return (int)Math.Clamp(left, 0, Settings.SlotMinutes);
    }

    /// <summary>Whether a slot can be traded at a moment: in progress with enough left of it, or before its gate.</summary>
    private bool IsTradable(long slot, DateTimeOffset at)
    {
        var start = StartOf(slot);
        return start <= at
            ? MinutesLeft(slot, at) >= Settings.LeastPromptMinutes
            : at < start - TimeSpan.FromMinutes(Settings.GateMinutes);
    }
}
