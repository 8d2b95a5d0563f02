using System.CommandLine;
using System.Globalization;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.Settlement.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx proposals</c>: what one operator proposes and another approves.</summary>
public static class ProposalCommands
{
    static readonly Argument<string> Id = CommandShape.Needed("proposal", "The proposal, by UUID.");
    static readonly Option<string> Hash = CommandShape.Required("--hash", "HEX", "Its hash, as cx proposals shows it: what is approved is exactly this.");
    static readonly Option<string> Single = CommandShape.Required("--single", "DOLLARS", "The most that one withdrawal may be.");
    static readonly Option<string> Daily = CommandShape.Required("--daily", "DOLLARS", "The most that a participant may withdraw in 24 hours.");
    static readonly Option<string> Approval = CommandShape.Required("--approval", "DOLLARS", "From this amount on two operators must approve.");
    static readonly Option<string> Cooling = CommandShape.Required("--cooling", "TIME", "How long a new destination waits, for example 24h.");
    static readonly Option<string> Explanation = CommandShape.Required("--explanation", "TEXT", "What was found and done.");
    static readonly Argument<string> Deposit = CommandShape.Needed("deposit", "The deposit, by UUID (cx deposits --unmatched).");
    static readonly Argument<string> Participant = CommandShape.Needed("participant", "Whose it is, by UUID.");
    static readonly Option<string> Debit = CommandShape.Required("--debit", "ACCOUNT", "The account it is taken from: bank, suspense, fees, tax:CODE, receivable:UUID or earnings:UUID.");
    static readonly Option<string> Credit = CommandShape.Required("--credit", "ACCOUNT", "The account it is given to: one of the same.");
    static readonly Option<string> Amount = CommandShape.Required("--amount", "DOLLARS", "How much.");
    static readonly Option<string> Reason = CommandShape.Required("--reason", "TEXT", "Why.");
    static readonly Option<string> FromDay = CommandShape.Required("--from-day", "DAY", "The first UTC day it holds, for example 2026-12-01.");
    static readonly Option<string[]> Tiers = new("--tier") { Description = "A tier: from which 30-day volume in dollars, buyer's and seller's parts per million, for example 0:3000:3000. One or more, by rising volume.", HelpName = "VOLUME:BUYER:SELLER", Required = true };
    static readonly Argument<string> Code = CommandShape.Needed("code", "The tax code, for example DE.");
    static readonly Option<int> Rate = CommandShape.Whole<int>("--ppm", "N", "Parts per million of the net fee, for example 190000 for 19 %.", required: true);

    static readonly Sheet<Proposal> Sheet = new Sheet<Proposal>("proposals", "No proposals.")
        .Text("Proposal", "proposal_id", proposal => proposal.ProposalId)
        .Text("What", "kind", proposal => proposal.Kind)
        .Text("Parameters", "parameters", proposal => proposal.Parameters)
        .Word("State", "state", proposal => proposal.State)
        .Time("Until", "expires_time", proposal => proposal.ExpiresTime)
        .Text("By", "proposed_by", proposal => proposal.ProposedBy)
        .Text("Approved by", "approved_by", proposal => proposal.ApprovedBy)
        .Text("Hash", "hash", proposal => proposal.Hash);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("proposals", "What needs two operators: list, propose, approve.", States.Most,
            CommandShape.Make("propose", "Propose something; another operator must approve it within 15 minutes.",
                Propose("limits", "New limits of money going out.", Limits, Single, Daily, Approval, Cooling),
                Propose("resume", "Money may leave again after a halt.", session => new ProposeRequest { Resume = new ResumePayments { Explanation = session.Line.GetRequiredValue(Explanation) } }, Explanation),
                Propose("assign", "A deposit that was nobody's belongs to somebody.", Assign, Deposit, Participant),
                Propose("correct", "A transfer by hand.", Correct, Debit, Credit, Amount, Reason),
                Propose("fees", "A fee schedule from a day on.", Fees, FromDay, Tiers),
                Propose("tax", "A rate of tax from a day on.", Tax, Code, FromDay, Rate)),
            CommandShape.Make("approve", "Approve a proposal of another operator: it takes effect at once.", Id, Hash).Does(Approve))
        .Does(List);

    /// <summary>A tier as it is typed.</summary>
    public static FeeTier Tier(string text)
    {
        var parts = text.Split(':');
        return parts.Length == 3 && Values.Money.TryParse(parts[0], out var volume) && volume.Micros >= 0
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var buyer)
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var seller)
            ? new FeeTier { FromVolumeMicros = volume.Micros, BuyerPpm = buyer, SellerPpm = seller }
            : throw new InputException($"--tier: \"{text}\" is not a tier: give a volume in dollars and two rates in parts per million, for example 100000:2500:2500.");
    }

    static Command Propose(string name, string description, Func<Session, ProposeRequest> read, params Symbol[] parts) =>
        CommandShape.Make(name, description, [.. parts, CommandShape.RequestId]).Does(async session =>
        {
            var request = read(session);
            request.RequestId = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
            var proposal = (await session.Ask(cancel => session.Exchange.Payments.ProposeAsync(request, cancellationToken: cancel))).Proposal;
            Done(session, proposal, $"proposal {proposal.ProposalId} to {proposal.Kind} {Show.Word(proposal.State)} (request {request.RequestId})");
            session.Print.Say($"another operator: cx proposals approve {proposal.ProposalId} --hash {proposal.Hash}");
        });

    static ProposeRequest Limits(Session session) => new()
    {
        SetLimits = new PaymentLimits
        {
            SingleMicros = Dollars(session, Single), DailyMicros = Dollars(session, Daily), ApprovalMicros = Dollars(session, Approval),
            CoolingMinutes = (long)DurationWords.Parse("--cooling", session.Line.GetRequiredValue(Cooling)).TotalMinutes,
        },
    };

    static ProposeRequest Assign(Session session) => new()
    {
        AssignDeposit = new AssignDeposit
        {
            DepositId = IdWords.Uuid("deposit", session.Line.GetRequiredValue(Deposit)), ParticipantId = IdWords.Uuid("participant", session.Line.GetRequiredValue(Participant)),
        },
    };

    static ProposeRequest Correct(Session session) => new()
    {
        Correct = new Correction
        {
            DebitAccount = session.Line.GetRequiredValue(Debit), CreditAccount = session.Line.GetRequiredValue(Credit),
            AmountMicros = Dollars(session, Amount), Reason = session.Line.GetRequiredValue(Reason),
        },
    };

    static ProposeRequest Fees(Session session) => new()
    {
        SetFees = new FeeSchedule { FromDay = session.Line.GetRequiredValue(FromDay), Tiers = { session.Line.GetRequiredValue(Tiers).Select(Tier) } },
    };

    static ProposeRequest Tax(Session session) => new()
    {
        SetTax = new TaxRate { TaxCode = session.Line.GetRequiredValue(Code), FromDay = session.Line.GetRequiredValue(FromDay), RatePpm = session.Line.GetValue(Rate) },
    };

    static async Task List(Session session)
    {
        var most = session.Line.GetValue(States.Most);
        session.Print.Rows(Sheet, await Session.Pages<Proposal>(async token =>
        {
            var request = new ListProposalsRequest { PageSize = most is > 0 and < 1000 ? most : 1000, PageToken = token };
            var reply = await session.Ask(cancel => session.Exchange.Payments.ListProposalsAsync(request, cancellationToken: cancel));
            return (reply.Proposals, reply.NextPageToken);
        }, most));
    }

    static async Task Approve(Session session)
    {
        var request = new ApproveProposalRequest { ProposalId = IdWords.Uuid("proposal", session.Line.GetRequiredValue(Id)), Hash = session.Line.GetRequiredValue(Hash) };
        var proposal = (await session.Ask(cancel => session.Exchange.Payments.ApproveProposalAsync(request, cancellationToken: cancel))).Proposal;
        Done(session, proposal, $"proposal {proposal.ProposalId} to {proposal.Kind} {Show.Word(proposal.State)}");
    }

    static long Dollars(Session session, Option<string> option) => MoneyWords.Amount(option.Name, session.Line.GetRequiredValue(option)).Micros;

    static void Done(Session session, Proposal proposal, string sentence)
    {
        session.Print.Say(sentence);
        if (session.Print.IsJson) session.Print.Card(Sheet, proposal);
    }
}
