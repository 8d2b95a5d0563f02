using ComputeExchange.Access.V1;
using ComputeExchange.Cli.Replay.Play;
using ComputeExchange.Cli.Words;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.Participants.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Bench.Orders;

/// <summary>What was measured.</summary>
internal sealed record OrdersFigures
{
    /// <summary>Requests answered while everybody sent as fast as answers came.</summary>
    public required long Requests { get; init; }

    /// <summary>Of these, refused ones, and why the first was.</summary>
    public required long Refused { get; init; }

    public string? Refusal { get; init; }

    public required decimal PerSecond { get; init; }

    public required decimal JournalMegabytesPerSecond { get; init; }

    /// <summary>Requests a second while latencies were taken.</summary>
    public required decimal PacedPerSecond { get; init; }

    public required decimal Median { get; init; }

    public required decimal Percentile99 { get; init; }

    public required decimal Percentile999 { get; init; }

    /// <summary>The same requests' journal rows, copied again by COPY alone.</summary>
    public required decimal CopyPerSecond { get; init; }

    /// <summary>Single-row insert transactions a second of 32 clients.</summary>
    public required decimal InsertsPerSecond { get; init; }

    /// <summary>A single-row insert transaction of one client, in milliseconds.</summary>
    public required decimal CommitMilliseconds { get; init; }
}

/// <summary>Orders through a running exchange: streams, checks, matching, journal, answers; and PostgreSQL's own limits beside.</summary>
internal sealed class OrdersBench(Connection connection, ExchangeClient operators, Calls calls, Action<string> tell)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(4);

    /// <summary>Measures with so many traders, requests and batches.</summary>
    public async Task<OrdersFigures> Run(string database, int requests, int traders, int batch, int ahead)
    {
        var instrument = await List();
        var clients = new List<ExchangeClient>();
        var seats = new List<Trader>();
        try
        {
            for (var number = 1; number <= traders; number++) clients.Add(await Admit(number));
            await Rest.Wait(operators, calls);
            for (var number = 0; number < traders; number++) seats.Add(new Trader(clients[number], instrument, number, await Open(clients[number], number, instrument)));

            var each = requests / traders;
            tell("Warming up.");
            await Task.WhenAll(seats.Select(seat => seat.Flood(Math.Min(each, 20_000), batch, ahead, calls.Cancel)));
            tell("As fast as answers come.");
            var (before, refusedBefore) = (seats.Sum(seat => seat.Answered), seats.Sum(seat => seat.Refused));
            var first = seats.Max(seat => seat.Sequences.Last) + 1;
            var began = TimeProvider.System.GetTimestamp();
            await Task.WhenAll(seats.Select(seat => seat.Flood(each, batch, ahead, calls.Cancel)));
            var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            var last = seats.Max(seat => seat.Sequences.Last);
            var answered = seats.Sum(seat => seat.Answered) - before;
            var refused = seats.Sum(seat => seat.Refused) - refusedBefore;

            // What readers of the feed have still to do with the flood is not part of half its load.
            tell("At half that load, at an even pace.");
            await Rest.Wait(operators, calls);
            var milliseconds = new List<double>();
            var paced = answered / took / 2;
            var pacing = TimeProvider.System.GetTimestamp();
            var so = Math.Min(each, (int)(paced / traders * 15));
            await Task.WhenAll(seats.Select(seat => seat.Pace(so, paced / traders, Every, milliseconds, calls.Cancel)));
            var pacedFor = TimeProvider.System.GetElapsedTime(pacing).TotalSeconds;
            foreach (var seat in seats) await seat.End();

            tell("What PostgreSQL does alone, when the exchange has nothing left to do.");
            await Rest.Wait(operators, calls);
            var limits = new DatabaseLimits(database);
            var copy = await limits.CopyAgain(first, last, calls.Cancel);
            var (inserts, _) = await limits.SingleRows(32, TimeSpan.FromSeconds(8), calls.Cancel);
            var (_, commit) = await limits.SingleRows(1, TimeSpan.FromSeconds(5), calls.Cancel);
            milliseconds.Sort();
            return new OrdersFigures
            {
                Requests = answered,
                Refused = refused,
                Refusal = seats.Select(seat => seat.Refusal).FirstOrDefault(refusal => refusal is not null),
                PerSecond = Rounded(answered / took, 0),
                JournalMegabytesPerSecond = Rounded(copy.Bytes / took / 1e6, 1),
                PacedPerSecond = Rounded(so * (double)traders / pacedFor, 0),
                Median = At(milliseconds, 0.5),
                Percentile99 = At(milliseconds, 0.99),
                Percentile999 = At(milliseconds, 0.999),
                CopyPerSecond = Rounded(answered / copy.Seconds, 0),
                InsertsPerSecond = decimal.Round(inserts, 0),
                CommitMilliseconds = commit,
            };
        }
        finally
        {
            foreach (var seat in seats) seat.Dispose();
            foreach (var client in clients) client.Dispose();
        }
    }

    private async Task<int> List()
    {
        const string name = "CX-BENCH";
        var define = new DefineInstrumentRequest
        {
            RequestId = IdWords.Request(null),
            Terms = new InstrumentTerms
            {
                Name = name,
                TickValueMicros = 1_000,
                LotCountMax = 1_000,
                NotionalMicrosMax = 1_000_000_000_000,
                PositionLotCountMax = 100_000_000,
                MarginMicrosPerLot = 1_000,
                BandPpm = 500_000,
                BandTickCountMin = 10,
                VelocityPpm = 1_000_000,
                VelocitySeconds = 0,
                CallSeconds = 60,
            },
            ReferenceTicks = 2_500,
        };
        await calls.Ask(cancel => operators.Futures.DefineInstrumentAsync(define, cancellationToken: cancel));
        await calls.Ask(cancel => operators.Futures.SetInstrumentPhaseAsync(
            new SetInstrumentPhaseRequest { RequestId = IdWords.Request(null), Instrument = name, Phase = InstrumentPhase.Continuous }, cancellationToken: cancel));
        await Rest.Wait(operators, calls);
        var listed = await calls.Ask(cancel => operators.Futures.ListInstrumentsAsync(new ListInstrumentsRequest(), cancellationToken: cancel));
        return listed.Instruments.Single(instrument => instrument.Terms.Name == name).InstrumentIndex;
    }

    private async Task<ExchangeClient> Admit(int number)
    {
        var id = DerivedId.From("cx bench trader", number);
        await calls.Ask(cancel => operators.Participants.AdmitParticipantAsync(
            new AdmitParticipantRequest
            {
                RequestId = DerivedId.From("cx bench admit", number).ToString(),
                ParticipantId = id.ToString(),
                Name = FormattableString.Invariant($"bench-{number:00}"),
                Roles = { Role.Trader },
            }, cancellationToken: cancel));
        var key = await calls.Ask(cancel => operators.Participants.CreateKeyAsync(
            new CreateKeyRequest { RequestId = IdWords.Request(null), ParticipantId = id.ToString(), Label = "cx bench", DayCount = 1 }, cancellationToken: cancel));
        await Rest.Wait(operators, calls);
        await calls.Ask(cancel => operators.Settlement.DepositAsync(
            new DepositRequest { RequestId = IdWords.Request(null), ParticipantId = id.ToString(), AmountMicros = 1_000_000_000_000 }, cancellationToken: cancel));
        return new ExchangeClient(connection.Addresses, key.Key);
    }

    /// <summary>Opens the account by a first order, lifts its limits; says the last client order id that it used.</summary>
    private async Task<long> Open(ExchangeClient client, int number, int instrument)
    {
        var used = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        var first = new PlaceOrderRequest
        {
            Order = new OrderRequest
            {
                Kind = OrderRequestKind.Place,
                InstrumentIndex = instrument,
                Side = OrderSide.Buy,
                Type = OrderType.Limit,
                TimeInForce = TimeInForce.ImmediateOrCancel,
                LotCount = 1,
                PriceTicks = 1_500,
                ClientOrderId = used,
            },
        };
        await calls.Ask(cancel => client.Futures.PlaceOrderAsync(first, cancellationToken: cancel));
        await calls.Ask(cancel => operators.Futures.SetAccountLimitsAsync(
            new SetAccountLimitsRequest
            {
                RequestId = IdWords.Request(null),
                ParticipantId = DerivedId.From("cx bench trader", number + 1).ToString(),
                Limits = new AccountLimits { MayTrade = true, OrdersPerSecond = 0, OrderBurst = 10_000_000, OpenOrderCountMax = 10_000_000 },
            }, cancellationToken: cancel));
        return used;
    }

    private static decimal At(List<double> sorted, double share) => sorted.Count == 0 ? 0 : Rounded(sorted[(int)Math.Min(sorted.Count - 1, sorted.Count * share)], 2);

    private static decimal Rounded(double figure, int digits) => decimal.Round((decimal)figure, digits);
}
