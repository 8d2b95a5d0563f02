using System.CommandLine;
using System.Text.Json.Nodes;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;
using ComputeExchange.Participants.V1;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx privacy</c>: what the exchange knows of a person, and having it erased.</summary>
public static class PrivacyCommands
{
    static readonly Option<string?> Whose = CommandShape.May("--participant", "UUID", "Whose; operators only. Default: your own.");
    static readonly Option<string?> Into = CommandShape.May("-o", "FILE", "Write it into a file that only you can read.");
    static readonly Option<bool> Yes = new("--yes") { Description = "Do it: what is erased does not come back." };

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("privacy", "Your personal data: export, erase.",
        CommandShape.Make("export", "Everything that is held about you as a person, as JSON.", Whose, Into).Does(Export),
        CommandShape.Make("erase", "Erase your personal data; the ledger keeps your transfers under your id.", Whose, Yes).Does(Erase));

    static async Task Export(Session session)
    {
        var request = new ExportPersonalDataRequest { ParticipantId = Of(session) };
        var document = (await session.Ask(cancel => session.Exchange.Participants.ExportPersonalDataAsync(request, cancellationToken: cancel))).DocumentJson;
        if (session.Line.GetValue(Into) is { } file)
        {
            await Write(file, document + "\n", session.Cancel);
            session.Print.Say($"personal data written to {file}");
            session.Print.Field("file", file);
            return;
        }
        session.Print.Say(document);
        session.Print.Field("personal_data", JsonNode.Parse(document));
    }

    static async Task Erase(Session session)
    {
        if (!session.Line.GetValue(Yes))
            throw new InputException("--yes: what is erased does not come back: withdraw your money first, keep a copy with cx privacy export, then say --yes.");
        var request = new ErasePersonalDataRequest { ParticipantId = Of(session) };
        var reply = await session.Ask(cancel => session.Exchange.Participants.ErasePersonalDataAsync(request, cancellationToken: cancel));
        session.Print.Say(reply.State == ErasureState.Erased
            ? $"personal data erased at {Show.Time(reply.ErasedTime)}"
            : $"erasure asked for at {Show.Time(reply.AskedTime)}, nothing is erased yet. {reply.NextStep}");
        session.Print.Field("state", Show.Word(reply.State));
        session.Print.Field("next_step", reply.NextStep);
    }

    static string Of(Session session) => session.Line.GetValue(Whose) is { } whose ? IdWords.Uuid("--participant", whose) : "";

    static async Task Write(string file, string text, CancellationToken cancel)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var writer = new StreamWriter(file, options);
        await writer.WriteAsync(text.AsMemory(), cancel);
    }
}
