using System.Diagnostics;
using System.Text.RegularExpressions;
using ComputeExchange.Hosting.Access;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Entry;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;

namespace ComputeExchange.OrderBook.Markets;

/// <summary>Creates a market, or halts or reopens one.</summary>
public sealed partial class DefineMarketHandler(EngineDoor engine)
{
    private const int NameLengthMax = 64;

    /// <summary>The market as it is after this request, or after the earlier one of the same id.</summary>
    /// <exception cref="RpcException">It is malformed, the engine refused it, or the engine is away.</exception>
    public async Task<DefineMarketResponse> Handle(DefineMarketRequest request, Caller caller, CancellationToken cancel)
    {
        var complaints = new Complaints();
        var requestId = complaints.Id("request_id", request.RequestId);
        if (request.Market is not { } market)
        {
            complaints.Add("market", "is missing: give the market's name and state.");
        }
        else
        {
            if (market.Market.Length > NameLengthMax || !Name().IsMatch(market.Market))
                complaints.Add("market.market", $"is '{market.Market}': a name has the form class.region, at most {NameLengthMax} letters, digits and dashes, for example H100-SXM-80GB.us-east.");
            if (market.State is not (MarketState.Open or MarketState.Halted))
                complaints.Add("market.state", "is missing: a market is MARKET_STATE_OPEN or MARKET_STATE_HALTED.");
        }
        complaints.ThrowIfAny();

        var answer = await engine.Ask(caller, requestId, new EngineCommand { DefineMarket = request.Market }, complaints, cancel);
        return new DefineMarketResponse
        {
            Market = answer.Events.Select(happened => happened.MarketDefined).FirstOrDefault(defined => defined is not null)
                ?? throw new UnreachableException($"Command {answer.CommandId} defined no market and was not refused."),
        };
    }

    [GeneratedRegex("^[A-Za-z0-9]+(-[A-Za-z0-9]+)*\\.[A-Za-z0-9]+(-[A-Za-z0-9]+)*\\z")]
    private static partial Regex Name();
}
