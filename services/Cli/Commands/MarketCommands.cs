using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx markets</c>: what can be traded, and whether it may be.</summary>
public static class MarketCommands
{
    static readonly Argument<string> Name = CommandShape.Needed("market", "The market's name: class and region, for example H100-SXM-80GB.us.");

    static readonly Sheet<DefineMarket> Sheet = new Sheet<DefineMarket>("markets", "No markets yet: make one with cx markets define.")
        .Text("Market", "market", market => market.Market)
        .Word("State", "state", market => market.State);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("markets", "Markets: list, define, halt, open.",
            CommandShape.Make("list", "Every market with its state.").Does(List),
            CommandShape.Make("define", "Create a market (operators).", Name, CommandShape.RequestId).Does(session => Define(session, MarketState.Open, "defined")),
            CommandShape.Make("halt", "Accept no bids and no offers; cancels are served (operators).", Name, CommandShape.RequestId).Does(session => Define(session, MarketState.Halted, "halted")),
            CommandShape.Make("open", "Reopen a halted market (operators).", Name, CommandShape.RequestId).Does(session => Define(session, MarketState.Open, "open")))
        .Does(List);

    static async Task List(Session session) => session.Print.Rows(Sheet, (await session.Markets()).Markets);

    static async Task Define(Session session, MarketState state, string word)
    {
        var name = session.Line.GetRequiredValue(Name);

        // Halting and opening a market by a mistyped name must not make a new one.
        if (word != "defined" && (await session.Markets()).Markets.All(market => market.Market != name))
            throw new InputException($"market: there is no market {name}; cx markets lists them.");
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var request = new DefineMarketRequest { RequestId = id, Market = new DefineMarket { Market = name, State = state } };
        var made = (await session.Ask(cancel => session.Exchange.Markets.DefineMarketAsync(request, cancellationToken: cancel))).Market;
        session.Print.Say($"market {made.Market} {word} (request {id})");
        if (session.Print.IsJson) session.Print.Card(Sheet, made);
        session.Print.Field("request_id", id);
    }
}
