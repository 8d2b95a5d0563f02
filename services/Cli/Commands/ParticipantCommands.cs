using System.CommandLine;
using ComputeExchange.Access.V1;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.Participants.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx participants</c>: who may come in.</summary>
public static class ParticipantCommands
{
    static readonly Argument<string> Name = CommandShape.Needed("name", "The participant's name.");
    static readonly Option<string[]> Roles = new("--role") { Description = "provider, buyer, trader; or operator or auditor alone. May be repeated.", Required = true, AllowMultipleArgumentsPerToken = true, HelpName = "ROLE" };
    static readonly Option<string?> Id = CommandShape.May("--id", "UUID", "The participant's id. Default: a new one.");
    static readonly Argument<string> Who = CommandShape.Needed("participant", "The participant, by UUID.");

    static readonly Sheet<Participant> Sheet = new Sheet<Participant>("participants", "No participants.")
        .Text("Participant", "participant_id", participant => participant.ParticipantId)
        .Text("Name", "name", participant => participant.Name)
        .Text("Roles", "roles", participant => string.Join(" ", participant.Roles.Select(role => Show.Word(role))))
        .Flag("Active", "active", participant => participant.Active)
        .Time("Admitted", "admitted_time", participant => participant.AdmittedTime);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("participants", "Who takes part: list, admit, suspend, reinstate.",
            CommandShape.Make("list", "The participants; who is not an operator sees only itself.").Does(List),
            CommandShape.Make("admit", "Admit a participant (operators).", Name, Roles, Id, CommandShape.RequestId).Does(Admit),
            CommandShape.Make("suspend", "Close everything open and accept nothing new (operators).", Who, CommandShape.RequestId).Does(session => Set(session, false)),
            CommandShape.Make("reinstate", "Let a suspended participant trade again (operators).", Who, CommandShape.RequestId).Does(session => Set(session, true)))
        .Does(List);

    static async Task List(Session session) => session.Print.Rows(Sheet, await Session.Pages<Participant>(async token =>
    {
        var request = new ListParticipantsRequest { PageSize = 1000, PageToken = token };
        var reply = await session.Ask(cancel => session.Exchange.Participants.ListParticipantsAsync(request, cancellationToken: cancel));
        return (reply.Participants, reply.NextPageToken);
    }));

    static async Task Admit(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var request = new AdmitParticipantRequest
        {
            RequestId = id,
            ParticipantId = session.Line.GetValue(Id) is { } given ? IdWords.Uuid("--id", given) : id,
            Name = session.Line.GetRequiredValue(Name),
            Roles = { session.Line.GetRequiredValue(Roles).Select(ReadRole) },
        };
        var made = (await session.Ask(cancel => session.Exchange.Participants.AdmitParticipantAsync(request, cancellationToken: cancel))).Participant;
        Done(session, made, $"participant {made.ParticipantId} \"{made.Name}\" admitted", id);
    }

    static async Task Set(Session session, bool active)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var request = new SetParticipantStateRequest { RequestId = id, ParticipantId = IdWords.Uuid("participant", session.Line.GetRequiredValue(Who)), Active = active };
        var now = (await session.Ask(cancel => session.Exchange.Participants.SetParticipantStateAsync(request, cancellationToken: cancel))).Participant;
        Done(session, now, $"participant {now.ParticipantId} \"{now.Name}\" {(now.Active ? "reinstated" : "suspended")}", id);
    }

    static void Done(Session session, Participant participant, string sentence, string request)
    {
        session.Print.Say($"{sentence} (request {request})");
        if (session.Print.IsJson) session.Print.Card(Sheet, participant);
        session.Print.Field("request_id", request);
    }

    static Role ReadRole(string word) => word.ToLowerInvariant() switch
    {
        "provider" => Role.Provider,
        "buyer" => Role.Buyer,
        "trader" => Role.Trader,
        "operator" => Role.Operator,
        "auditor" => Role.Auditor,
        _ => throw new InputException($"--role: \"{word}\" is not one of provider, buyer, trader, operator, auditor."),
    };
}
