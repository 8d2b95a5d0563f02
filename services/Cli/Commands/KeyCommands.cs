using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.Participants.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx keys</c>: API keys.</summary>
public static class KeyCommands
{
    static readonly Option<string?> Whose = CommandShape.May("--participant", "UUID", "Whose; operators only. Default: your own.");
    static readonly Option<string?> Label = CommandShape.May("--label", "TEXT", "What to call it.");
    static readonly Option<int> Days = CommandShape.Whole<int>("--days", "N", "How many days it is good, 1 to 365. Default: 90.");
    static readonly Argument<string> Id = CommandShape.Needed("key-id", "The key's id, not the key.");

    static readonly Sheet<ApiKey> Sheet = new Sheet<ApiKey>("keys", "No keys.")
        .Text("Key id", "key_id", key => key.KeyId)
        .Text("Participant", "participant_id", key => key.ParticipantId)
        .Text("Label", "label", key => key.Label)
        .Time("Made", "created_time", key => key.CreatedTime)
        .Time("Good until", "expires_time", key => key.ExpiresTime)
        .Time("Revoked", "revoked_time", key => key.RevokedTime);

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("keys", "API keys: create, list, revoke.", Whose,
            CommandShape.Make("create", "Make a key. It is shown once, here.", Whose, Label, Days, CommandShape.RequestId).Does(Create),
            CommandShape.Make("list", "Your keys, without their secrets.", Whose).Does(List),
            CommandShape.Make("revoke", "Make a key unusable everywhere.", Id).Does(Revoke))
        .Does(List);

    static string Of(Session session) => session.Line.GetValue(Whose) is { } whose ? IdWords.Uuid("--participant", whose) : "";

    static async Task Create(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var request = new CreateKeyRequest { RequestId = id, ParticipantId = Of(session), Label = session.Line.GetValue(Label) ?? "", DayCount = session.Line.GetValue(Days) };
        var reply = await session.Ask(cancel => session.Exchange.Participants.CreateKeyAsync(request, cancellationToken: cancel));
        if (reply.Key.Length == 0)
            throw new InputException($"--request-id: key {reply.KeyId} was made by this request before, and its secret is shown only once: make another with a new request id.");
        session.Print.Say($"key {reply.KeyId} made (request {id}). Keep it, it is not shown again:");
        session.Print.Say(reply.Key);
        session.Print.Field("key_id", reply.KeyId);
        session.Print.Field("key", reply.Key);
        session.Print.Field("request_id", id);
    }

    static async Task List(Session session)
    {
        var request = new ListKeysRequest { ParticipantId = Of(session) };
        session.Print.Rows(Sheet, (await session.Ask(cancel => session.Exchange.Participants.ListKeysAsync(request, cancellationToken: cancel))).Keys);
    }

    static async Task Revoke(Session session)
    {
        var request = new RevokeKeyRequest { KeyId = session.Line.GetRequiredValue(Id) };
        var reply = await session.Ask(cancel => session.Exchange.Participants.RevokeKeyAsync(request, cancellationToken: cancel));
        session.Print.Say($"key {request.KeyId} revoked at {Show.Time(reply.RevokedTime)}");
        session.Print.Field("key_id", request.KeyId);
        session.Print.Field("revoked", true);
    }
}
