using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.Participants.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx destinations</c>: the bank accounts to which money may be paid out.</summary>
public static class DestinationCommands
{
    static readonly Option<string?> Whose = CommandShape.May("--participant", "UUID", "Whose; operators and auditors only. Default: your own.");
    static readonly Option<string> Holder = CommandShape.Required("--holder", "NAME", "Who holds the account.");
    static readonly Option<string?> Label = CommandShape.May("--label", "TEXT", "What to call it.");
    static readonly Option<string?> Iban = CommandShape.May("--iban", "IBAN", "The account, by its IBAN.");
    static readonly Option<string?> Bic = CommandShape.May("--bic", "BIC", "The bank; needed for an account that has neither an IBAN nor a routing number.");
    static readonly Option<string?> Routing = CommandShape.May("--routing", "NUMBER", "The bank of an account in the United States.");
    static readonly Option<string?> Account = CommandShape.May("--account", "NUMBER", "The account number, with --routing or --bic.");
    static readonly Argument<string> Id = CommandShape.Needed("destination", "The destination, by UUID.");

    static readonly Sheet<PaymentDestination> Sheet = new Sheet<PaymentDestination>("destinations", "No destinations: add one with cx destinations add.")
        .Text("Destination", "destination_id", destination => destination.DestinationId)
        .Text("Label", "label", destination => destination.Label)
        .Text("Holder", "holder", destination => destination.Holder)
        .Text("Scheme", "scheme", destination => Scheme(destination.Scheme))
        .Text("Account", "account", destination => destination.Account)
        .Word("State", "state", destination => destination.State)
        .Time("Added", "added_time", destination => destination.AddedTime)
        .Time("Removed", "removed_time", destination => destination.RemovedTime);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("destinations", "Where your money may be paid out to: list, add, remove.", Whose,
            CommandShape.Make("list", "Your destinations, account numbers masked.", Whose).Does(List),
            CommandShape.Make("add", "Add a bank account: --iban, or --routing and --account, or --bic and --account.", Holder, Label, Iban, Bic, Routing, Account, CommandShape.RequestId).Does(Add),
            CommandShape.Make("remove", "Take a destination out of use, for ever.", Id).Does(Remove))
        .Does(List);

    /// <summary>What was typed, as the request that is sent.</summary>
    public static AddPaymentDestinationRequest Request(string requestId, string holder, string label, string iban, string bic, string routing, string account) => new()
    {
        RequestId = requestId,
        Label = label,
        Holder = holder,
        Scheme = iban.Length > 0 ? PaymentScheme.Iban
            : routing.Length > 0 ? PaymentScheme.UsAch
            : account.Length > 0 ? PaymentScheme.Other
            : throw new InputException("--iban, --routing or --account: none was given: name the account by --iban, by --routing and --account, or by --bic and --account."),
        Iban = iban,
        Bic = bic,
        RoutingNumber = routing,
        AccountNumber = account,
    };

    static async Task Add(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        string Typed(Option<string?> option) => session.Line.GetValue(option) ?? "";
        var request = Request(id, session.Line.GetRequiredValue(Holder), Typed(Label), Typed(Iban), Typed(Bic), Typed(Routing), Typed(Account));
        var added = (await session.Ask(cancel => session.Exchange.Participants.AddPaymentDestinationAsync(request, cancellationToken: cancel))).Destination;
        Done(session, added, $"destination {added.DestinationId} added: {added.Account} (request {id})");
        session.Print.Field("request_id", id);
    }

    static async Task List(Session session)
    {
        var whose = session.Line.GetValue(Whose) is { } given ? IdWords.Uuid("--participant", given) : "";
        session.Print.Rows(Sheet, await Session.Pages<PaymentDestination>(async token =>
        {
            var request = new ListPaymentDestinationsRequest { ParticipantId = whose, PageSize = 1000, PageToken = token };
            var reply = await session.Ask(cancel => session.Exchange.Participants.ListPaymentDestinationsAsync(request, cancellationToken: cancel));
            return (reply.Destinations, reply.NextPageToken);
        }));
    }

    static async Task Remove(Session session)
    {
        var request = new RemovePaymentDestinationRequest { DestinationId = IdWords.Uuid("destination", session.Line.GetRequiredValue(Id)) };
        var removed = (await session.Ask(cancel => session.Exchange.Participants.RemovePaymentDestinationAsync(request, cancellationToken: cancel))).Destination;
        Done(session, removed, $"destination {removed.DestinationId} removed");
    }

    static void Done(Session session, PaymentDestination destination, string sentence)
    {
        session.Print.Say(sentence);
        if (session.Print.IsJson) session.Print.Card(Sheet, destination);
    }

    static string Scheme(PaymentScheme scheme) => scheme switch
    {
        PaymentScheme.Iban => "IBAN",
        PaymentScheme.UsAch => "US ACH",
        PaymentScheme.Other => "other",
        _ => "",
    };
}
