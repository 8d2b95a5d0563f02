using System.CommandLine;
using System.Globalization;
using ComputeExchange.Cli.Commands.Nodes;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Cli.Commands.Leases;

/// <summary><c>cx leases dispute</c> and <c>cx disputes</c>: the buyer says that less was delivered, the provider answers, two operators decide.</summary>
public static class DisputeCommands
{
    const string Kinds = "wrong-gpu, slow, unreachable, other";

    static readonly Argument<int> Slot = CommandShape.Whole<int>("slot", "Which of its slots, counted from 0.");
    static readonly Option<string> Kind = CommandShape.Required("--kind", "WORD", $"What it is about: {Kinds}.");
    static readonly Option<string> Statement = CommandShape.Required("--statement", "TEXT", "What happened.");
    static readonly Option<long?> Claimed = CommandShape.MayWhole<long>("--claimed", "N", "GPU-seconds that were usable all the same. Default: none.");
    static readonly Option<string?> State = States.Option<DisputeState>();
    static readonly Argument<string> Id = CommandShape.Needed("dispute", "The dispute: its UUID, or the first digits of it.");
    static readonly Argument<string> Text = CommandShape.Needed("answer", "What you say to it; once.");
    static readonly Option<long> Delivered = CommandShape.Whole<long>("--delivered", "N", "What was delivered, in GPU-seconds.", required: true);
    static readonly Option<string> Reason = CommandShape.Required("--reason", "TEXT", "Why; both sides read it.");

    static readonly Sheet<Dispute> Sheet = new Sheet<Dispute>("disputes", "No disputes.")
        .Text("Dispute", "dispute_id", dispute => dispute.DisputeId)
        .Number("Lease", "lease_id", dispute => dispute.LeaseId)
        .Number("Slot", "slot_index", dispute => dispute.SlotIndex)
        .Word("About", "kind", dispute => dispute.Kind)
        .Word("State", "state", dispute => dispute.State)
        .Time("Opened", "opened_time", dispute => dispute.OpenedTime)
        .Count("Sold GPU-s", "sold_gpu_seconds", dispute => dispute.Meter?.SoldGpuSeconds)
        .Count("Counted", "counted_gpu_seconds", dispute => dispute.Meter is { HasDeliveredGpuSeconds: true } meter ? meter.DeliveredGpuSeconds : null)
        .Count("Buyer says", "claimed_gpu_seconds", dispute => dispute.ClaimedGpuSeconds)
        .Count("Decision", "delivered_gpu_seconds", dispute => dispute.State is DisputeState.Proposed or DisputeState.Decided ? dispute.DeliveredGpuSeconds : null);

    static readonly Sheet<Dispute> Whole = Also(Sheet)
        .Time("Slot from", "from_time", dispute => dispute.Meter?.FromTime)
        .Time("to", "to_time", dispute => dispute.Meter?.ToTime)
        .Text("Buyer", "buyer_id", dispute => dispute.BuyerId)
        .Text("says", "statement", dispute => dispute.Statement)
        .Text("Provider", "provider_id", dispute => dispute.ProviderId)
        .Text("says", "answer", dispute => dispute.Answer)
        .Text("Reason", "reason", dispute => dispute.Reason)
        .Text("Proposed by", "proposed_by", dispute => dispute.ProposedBy)
        .Text("Decided by", "decided_by", dispute => dispute.DecidedBy)
        .Time("Decided at", "decided_time", dispute => dispute.DecidedTime);

    static readonly Sheet<Dispute> BothSides = new Sheet<Dispute>("records", "")
        .Count("Sold", "sold_gpu_seconds", dispute => dispute.Meter?.SoldGpuSeconds)
        .Count("Node's agent", "agent_gpu_seconds", dispute => dispute.Meter?.AgentGpuSeconds)
        .Count("Exchange", "registry_gpu_seconds", dispute => dispute.Meter?.RegistryGpuSeconds)
        .Count("Buyer", "claimed_gpu_seconds", dispute => dispute.ClaimedGpuSeconds)
        .Count("Counted so far", "counted_gpu_seconds", dispute => dispute.Meter is { HasDeliveredGpuSeconds: true } meter ? meter.DeliveredGpuSeconds : null)
        .Text("Found so", "resolution", dispute => dispute.Meter?.Resolution);

    /// <summary><c>cx leases dispute</c>.</summary>
    public static Command MakeOpen() => CommandShape.Make("dispute", "Dispute what was delivered in a slot, within 48 hours of its end. The node is tested anew; two operators decide.",
        DeliveryCard.Lease, Slot, Kind, Statement, Claimed, CommandShape.RequestId).Does(Open);

    /// <summary><c>cx disputes</c>.</summary>
    public static Command Make() => CommandShape.Make("disputes", "Disputes of your leases, newest first: show both sides' records, answer, decide.", State, States.Most,
            CommandShape.Make("show", "One dispute: both sides' records side by side, the re-test, the decision.", Id).Does(Display),
            CommandShape.Make("answer", "Say your side as the provider.", Id, Text).Does(Answer),
            CommandShape.Make("propose", "Propose what was delivered (operators); another operator must approve it.", Id, Delivered, Reason).Does(Propose),
            CommandShape.Make("approve", "Approve another operator's proposal: the money follows. The figure is said again.", Id, Delivered).Does(Approve))
        .Does(async session => session.Print.Rows(Sheet, await All(session, States.Read<DisputeState>(session, State), session.Line.GetValue(States.Most))));

    static Task<List<Dispute>> All(Session session, DisputeState state, int most) => Session.Pages<Dispute>(async token =>
    {
        var request = new ListDisputesRequest { State = state, PageSize = most is > 0 and < 1000 ? most : 1000, PageToken = token };
        var reply = await session.Ask(cancel => session.Exchange.Deliveries.ListDisputesAsync(request, cancellationToken: cancel));
        return (reply.Disputes, reply.NextPageToken);
    }, most);

    static async Task Open(Session session)
    {
        var word = session.Line.GetRequiredValue(Kind);
        var request = new OpenDisputeRequest
        {
            DisputeId = IdWords.Request(session.Line.GetValue(CommandShape.RequestId)),
            LeaseId = session.Line.GetValue(DeliveryCard.Lease),
            SlotIndex = session.Line.GetValue(Slot),
            Kind = word.ToLowerInvariant() switch
            {
                "wrong-gpu" => DisputeKind.WrongGpu, "slow" => DisputeKind.Slow, "unreachable" => DisputeKind.Unreachable, "other" => DisputeKind.Other,
                _ => throw new InputException($"{Kind.Name}: \"{word}\" is not one of {Kinds}."),
            },
            Statement = session.Line.GetRequiredValue(Statement),
            ClaimedGpuSeconds = session.Line.GetValue(Claimed) ?? 0,
        };
        Tell(session, (await session.Ask(cancel => session.Exchange.Deliveries.OpenDisputeAsync(request, cancellationToken: cancel))).Dispute, "");
    }

    static async Task Display(Session session)
    {
        var (id, disputes) = (session.Line.GetRequiredValue(Id), await All(session, DisputeState.Unspecified, 0));
        id = IdWords.Only(Id.Name, id, "disputes", disputes.Select(known => known.DisputeId)) ?? throw NotFound(id);
        var dispute = disputes.First(known => known.DisputeId == id);
        var print = session.Print;
        print.Card(Whole, dispute, onlyKnown: true);
        print.Heading("The slot in GPU-seconds, as each says");
        if (print.IsJson) print.Part(BothSides.Name, BothSides, dispute);
        else print.Rows(BothSides, [dispute]);
        print.Heading("What was noted around it");
        print.Rows(DeliveryCard.Events, dispute.Record);
        print.Heading("The node's re-test");
        if (dispute.Test is { } test) NodeCard.PrintTest(session, "test", test);
        else print.Say("None.");
    }

    static async Task Answer(Session session)
    {
        var request = new AnswerDisputeRequest { DisputeId = await ReadId(session), Answer = session.Line.GetRequiredValue(Text) };
        Tell(session, (await session.Ask(cancel => session.Exchange.Deliveries.AnswerDisputeAsync(request, cancellationToken: cancel))).Dispute, ": answered");
    }

    static async Task Propose(Session session)
    {
        var request = new ProposeDecisionRequest { DisputeId = await ReadId(session), DeliveredGpuSeconds = session.Line.GetValue(Delivered), Reason = session.Line.GetRequiredValue(Reason) };
        var dispute = (await session.Ask(cancel => session.Exchange.Deliveries.ProposeDecisionAsync(request, cancellationToken: cancel))).Dispute;
        Tell(session, dispute, string.Create(CultureInfo.InvariantCulture, $": {dispute.DeliveredGpuSeconds} GPU-seconds"));
        session.Print.Say(string.Create(CultureInfo.InvariantCulture, $"another operator: cx disputes approve {dispute.DisputeId} --delivered {dispute.DeliveredGpuSeconds}"));
    }

    static async Task Approve(Session session)
    {
        var request = new ApproveDecisionRequest { DisputeId = await ReadId(session), DeliveredGpuSeconds = session.Line.GetValue(Delivered) };
        var dispute = (await session.Ask(cancel => session.Exchange.Deliveries.ApproveDecisionAsync(request, cancellationToken: cancel))).Dispute;
        Tell(session, dispute, string.Create(CultureInfo.InvariantCulture, $": {dispute.DeliveredGpuSeconds} GPU-seconds were delivered"));
    }

    static async Task<string> ReadId(Session session)
    {
        var text = session.Line.GetRequiredValue(Id);
        if (Guid.TryParse(text, out var id)) return id.ToString();
        return IdWords.Only(Id.Name, text, "disputes", (await All(session, DisputeState.Unspecified, 0)).Select(known => known.DisputeId)) ?? throw NotFound(text);
    }

    static InputException NotFound(string text) => new($"{Id.Name}: no dispute's UUID begins with \"{text}\"; cx disputes lists them.");

    static void Tell(Session session, Dispute dispute, string rest)
    {
        session.Print.Say($"dispute {dispute.DisputeId} of lease {dispute.LeaseId} slot {dispute.SlotIndex} {Show.Word(dispute.State)}{rest}");
        if (session.Print.IsJson) session.Print.Card(Whole, dispute);
    }

    static Sheet<Dispute> Also(Sheet<Dispute> sheet)
    {
        var more = new Sheet<Dispute>(sheet.Name, sheet.WhenEmpty);
        foreach (var column in sheet.Columns) more.Add(column.Header, column.Field, column.Text, column.Json, column.IsNumber);
        return more;
    }
}
