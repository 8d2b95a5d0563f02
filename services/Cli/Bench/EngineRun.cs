using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;

namespace ComputeExchange.Cli.Bench;

/// <summary>The live engine's whole futures market, driven by the records of a file: accounts, limits, margin, positions and events with it.</summary>
internal sealed class EngineRun
{
    private const long Start = 1_700_000_000_000;
    private readonly FuturesMarket _market = new(1 << 18);
    private readonly OrderRequest[] _requests;
    private long _now = Start;

    /// <summary>A market with one instrument, in continuous trading, and so many accounts with money enough.</summary>
    public EngineRun(OrderRequest[] requests, int accounts, int reference)
    {
        _requests = requests;
        _market.Begin(_now);
        _market.Define(
            new InstrumentTerms("BENCH", 1_000, 1_000_000, 1_000_000_000_000_000, 100_000_000, 1_000, 1_000_000, 1, 1, 0, 1), reference);
        for (var account = 0; account < accounts; account++)
        {
            _market.OpenAccount(1L << 60, true);
            _market.Limit(account, new AccountLimits(true, 10_000_000, 10_000_000, 10_000_000));
        }
        _market.SetPhase(0, Phase.Continuous, 0);
    }

    /// <summary>Orders that rest.</summary>
    public int Resting => _market.Resting;

    /// <summary>What the last piece caused.</summary>
    public ReadOnlySpan<OrderEvent> Events => _market.Events;

    /// <summary>Handles requests as one batch, at its own moment.</summary>
    public void Apply(int from, int to)
    {
        _market.Begin(_now++);
        _market.Handle(_requests.AsSpan(from, to - from));
    }

    /// <summary>
    /// The same flow as requests to the engine. Buyers and sellers are different accounts, so that no order meets one of its own
    /// account; the engine gives its order ids in the same order in which the file counts them.
    /// </summary>
    public static OrderRequest[] Requests(ReadOnlySpan<FlowRecord> records, int accounts)
    {
        var owners = new uint[records.Length + 1];
        var requests = new OrderRequest[records.Length];
        var half = (uint)accounts / 2;
        for (var index = 0; index < records.Length; index++)
        {
            ref readonly var record = ref records[index];
            if (record.Op <= FlowOp.Market) owners[record.Id] = (record.Side * half) + (uint)(record.Id * 7_919 % half);
            requests[index] = new OrderRequest
            {
                Kind = record.Op switch { FlowOp.Cancel => OrderKind.Cancel, FlowOp.Replace => OrderKind.Replace, _ => OrderKind.Place },
                Side = (Side)record.Side,
                Type = OrderType.Limit,
                TimeInForce = record.Op is FlowOp.ImmediateOrCancel or FlowOp.Market ? TimeInForce.ImmediateOrCancel : TimeInForce.GoodTillCancelled,
                Account = record.Id < (ulong)owners.Length ? owners[record.Id] : 0,
                Quantity = record.Quantity,
                Price = record.Price,
                ClientOrderId = (ulong)index + 1,
                Order = record.Op >= FlowOp.Cancel ? record.Id : 0,
            };
        }
        return requests;
    }
}
