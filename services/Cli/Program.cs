using System.CommandLine;
using ComputeExchange.Cli.Commands;
using ComputeExchange.Cli.Commands.Futures;
using ComputeExchange.Cli.Commands.Leases;

namespace ComputeExchange.Cli;

/// <summary>The table of contents: every command of <c>cx</c>.</summary>
public static class Program
{
    /// <summary>Runs a command line and answers with its exit code: 0 only on success.</summary>
    public static Task<int> Main(string[] args) => Contents().Run(args, Console.Out, Console.Error);

    /// <summary>The commands, and the options that all of them take.</summary>
    public static RootCommand Contents()
    {
        var root = new RootCommand("cx: the exchange for GPU compute, from the command line. All times are UTC, all prices US dollars for one GPU for one hour.")
        {
            // Buyers.
            SearchCommand.Make(),
            QuoteCommand.Make(),
            BidCommands.Make(),
            BidCommands.MakeList(),
            LeaseCommands.Make(),
            DisputeCommands.Make(),

            // Providers.
            NodeCommands.Make(),
            OfferCommands.Make(),

            // Traders.
            OrderCommands.Make(),
            TradeCommands.MakePositions(),
            TradeCommands.MakeList(),

            // Everyone.
            InstrumentCommands.MakeList(),
            OrdersCommand.Make(),
            BookCommand.Make(),
            PricesCommand.Make(),
            RunCommands.MakeList(),
            RunCommands.Make(),
            AccountCommands.Make(),
            PaymentCommands.MakeWithdraw(),
            PaymentCommands.MakeWithdrawals(),
            PaymentCommands.MakeDeposits(),
            KeyCommands.Make(),
            ProfileCommands.Make(),
            DestinationCommands.Make(),
            PrivacyCommands.Make(),
            WebhookCommands.Make(),
            StatusCommand.Make(),

            // Operators.
            ParticipantCommands.Make(),
            AccountCommands.MakeDeposit(),
            PaymentCommands.Make(),
            ProposalCommands.Make(),
            MarketCommands.Make(),
            SettingsCommands.Make(),
            InstrumentCommands.Make(),
            TradeCommands.Make(),
            TradeCommands.MakeTrader(),
            ClockCommands.Make(),
            LedgerCommands.Make(),
            LedgerCommands.MakeTrialBalance(),
            LedgerCommands.MakeReconcile(),
            AuditCommand.Make(),

            // Without an exchange, or against a simulated one.
            AuctionCommands.Make(),
            BenchCommands.Make(),
            ReplayCommand.Make(),
            DemoCommand.Make(),
        };
        root.Add(Session.Json);
        foreach (var option in Connection.Options) root.Add(option);
        return root;
    }
}
