using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.WellKnownTypes;
using Instrument = ComputeExchange.OrderBook.V1.Instrument;

namespace ComputeExchange.Cli.Commands.Futures;

/// <summary><c>cx instruments</c>: the futures contracts; <c>cx instrument</c>: what operators do with them.</summary>
public static class InstrumentCommands
{
    static readonly Argument<string> Name = CommandShape.Needed("instrument", "The instrument, for example CX-H100-SXM-80GB.us-east-2027-01.");
    static readonly Argument<long> ReferenceTicks = CommandShape.Whole<long>("ticks", "The reference price, in whole ticks.");
    static readonly Option<long> Reference = CommandShape.Whole<long>("--reference", "TICKS", "The price that bands and margins are measured from, in whole ticks; counts for a new contract.", required: true);
    static readonly Option<string> TickValue = new("--tick-value") { Description = "What one tick of one lot is worth, in dollars.", HelpName = "USD", DefaultValueFactory = _ => "0.73" };
    static readonly Option<string?> Margin = CommandShape.May("--margin", "USD", "The initial margin of one lot. Default: 15% of the reference.");
    static readonly Option<long> LotsMax = CommandShape.Whole<long>("--lots-max", "N", "The most lots in an order.", orElse: 1_000);
    static readonly Option<string> NotionalMax = new("--notional-max") { Description = "The highest value of an order, in dollars.", HelpName = "USD", DefaultValueFactory = _ => "10,000,000" };
    static readonly Option<long> PositionMax = CommandShape.Whole<long>("--position-max", "N", "The largest position, long or short, in lots.", orElse: 10_000);
    static readonly Option<int> BandPpm = CommandShape.Whole<int>("--band-ppm", "PPM", "How far a price may be from the reference, in parts per million.", orElse: 150_000);
    static readonly Option<int> BandTicks = CommandShape.Whole<int>("--band-ticks", "TICKS", "The band is never narrower on each side.", orElse: 10);
    static readonly Option<int> VelocityPpm = CommandShape.Whole<int>("--velocity-ppm", "PPM", "How far a price may move in a short time before an auction is called.", orElse: 30_000);
    static readonly Option<int> VelocitySeconds = CommandShape.Whole<int>("--velocity-seconds", "S", "How short that time is; 0: never.", orElse: 10);
    static readonly Option<int> CallSeconds = CommandShape.Whole<int>("--call-seconds", "S", "How long that auction gathers orders.", orElse: 60);
    static readonly Option<string> For = new("--for") { Description = "How long the auction gathers orders, for example 5m.", HelpName = "LENGTH", DefaultValueFactory = _ => "5m" };
    static readonly Option<bool> Closing = new("--closing") { Description = "The closing auction: after it the instrument is closed." };

    /// <summary><c>cx instruments</c>.</summary>
    public static Command MakeList() => CommandShape.Make("instruments", "The futures contracts: phase, prices, terms. Prices are whole ticks.")
        .Does(async session => session.Print.Rows(FuturesRows.Instruments, await All(session)));

    /// <summary><c>cx instrument define|open|call|halt|resume|close|reference</c>.</summary>
    public static Command Make() => CommandShape.Make("instrument", "List, open, call, halt, resume or close a futures contract (operators).",
        CommandShape.Make("define", "List a contract, closed at first, or change its terms.", Name, Reference, TickValue, Margin, LotsMax, NotionalMax, PositionMax, BandPpm, BandTicks,
            VelocityPpm, VelocitySeconds, CallSeconds, CommandShape.RequestId).Does(Define),
        CommandShape.Make("open", "Trade continuously.", Name, CommandShape.RequestId).Does(session => Set(session, InstrumentPhase.Continuous, "open")),
        CommandShape.Make("call", "Gather orders for an auction; after the opening auction trading goes on.", Name, For, Closing, CommandShape.RequestId)
            .Does(session => Set(session, session.Line.GetValue(Closing) ? InstrumentPhase.ClosingCall : InstrumentPhase.OpeningCall, "called")),
        CommandShape.Make("halt", "Stop trading at once; orders can only be cancelled.", Name, CommandShape.RequestId).Does(session => Set(session, InstrumentPhase.Halted, "halted")),
        CommandShape.Make("resume", "Go on trading after a halt.", Name, CommandShape.RequestId).Does(session => Set(session, InstrumentPhase.Continuous, "open")),
        CommandShape.Make("close", "End the trading day; day orders are cancelled.", Name, CommandShape.RequestId).Does(session => Set(session, InstrumentPhase.Closed, "closed")),
        CommandShape.Make("reference", "Set the price that bands and margins are measured from.", Name, ReferenceTicks, CommandShape.RequestId).Does(SetReference));

    /// <summary>Every contract.</summary>
    public static async Task<IReadOnlyList<Instrument>> All(Session session) =>
        (await session.Ask(cancel => session.Exchange.Futures.ListInstrumentsAsync(new ListInstrumentsRequest(), cancellationToken: cancel))).Instruments;

    /// <summary>The contract of a name.</summary>
    public static async Task<Instrument> Of(Session session, string name) =>
        (await All(session)).FirstOrDefault(row => row.Terms.Name == name) ?? throw new InputException($"instrument: there is no instrument {name}; cx instruments lists them.");

    static async Task Define(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var tick = MoneyWords.Amount(TickValue.Name, session.Line.GetRequiredValue(TickValue)).Micros;
        var reference = session.Line.GetValue(Reference);
        var request = new DefineInstrumentRequest
        {
            RequestId = id,
            ReferenceTicks = reference,
            Terms = new InstrumentTerms
            {
                Name = session.Line.GetRequiredValue(Name),
                TickValueMicros = tick,
                LotCountMax = session.Line.GetValue(LotsMax),
                NotionalMicrosMax = MoneyWords.Amount(NotionalMax.Name, session.Line.GetRequiredValue(NotionalMax)).Micros,
                PositionLotCountMax = session.Line.GetValue(PositionMax),
                MarginMicrosPerLot = session.Line.GetValue(Margin) is { } margin ? MoneyWords.Amount(Margin.Name, margin).Micros : (long)((Int128)reference * tick * 15 / 100),
                BandPpm = session.Line.GetValue(BandPpm),
                BandTickCountMin = session.Line.GetValue(BandTicks),
                VelocityPpm = session.Line.GetValue(VelocityPpm),
                VelocitySeconds = session.Line.GetValue(VelocitySeconds),
                CallSeconds = session.Line.GetValue(CallSeconds),
            },
        };
        var made = (await session.Ask(cancel => session.Exchange.Futures.DefineInstrumentAsync(request, cancellationToken: cancel))).Instrument;
        session.Print.Say($"instrument {made.Terms.Name} defined: index {made.InstrumentIndex}, reference {made.ReferenceTicks} ticks of {Show.Money(made.Terms.TickValueMicros)} (request {id})");
        session.Print.Field("instrument", made.Terms.Name);
        session.Print.Field("instrument_index", made.InstrumentIndex);
        session.Print.Field("reference_ticks", made.ReferenceTicks);
        session.Print.Field("request_id", id);
    }

    static async Task Set(Session session, InstrumentPhase phase, string word)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var request = new SetInstrumentPhaseRequest { RequestId = id, Instrument = session.Line.GetRequiredValue(Name), Phase = phase };
        if (phase is InstrumentPhase.OpeningCall or InstrumentPhase.ClosingCall)
        {
            var text = session.Line.GetRequiredValue(For);
            if (!DurationWords.TryParse(text, out var length)) throw new InputException($"{For.Name}: \"{text}\" is not a length: write for example 5m or 90s.");
            request.UntilTime = (await session.Now() + length).ToTimestamp();
        }
        var now = await session.Ask(cancel => session.Exchange.Futures.SetInstrumentPhaseAsync(request, cancellationToken: cancel));
        session.Print.Say($"instrument {now.Instrument} {word}{(request.UntilTime is null ? "" : $" until {Show.Time(request.UntilTime)}")} (request {id})");
        session.Print.Field("instrument", now.Instrument);
        session.Print.Field("phase", Show.Word(now.Phase).Replace(' ', '_'));
        session.Print.Field("request_id", id);
    }

    static async Task SetReference(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var request = new SetReferencePriceRequest { RequestId = id, Instrument = session.Line.GetRequiredValue(Name), ReferenceTicks = session.Line.GetValue(ReferenceTicks) };
        var now = await session.Ask(cancel => session.Exchange.Futures.SetReferencePriceAsync(request, cancellationToken: cancel));
        session.Print.Say($"instrument {now.Instrument} has the reference price {now.ReferenceTicks} ticks (request {id})");
        session.Print.Field("instrument", now.Instrument);
        session.Print.Field("reference_ticks", now.ReferenceTicks);
        session.Print.Field("request_id", id);
    }
}
