using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ComputeExchange.Cli.Words;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf.Reflection;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx settings</c>: the parameters of the market's rules, by the names they have in the contract.</summary>
public static class SettingsCommands
{
    static readonly Argument<string[]> Changes = new("name=value") { Description = "What to change, for example run_interval_seconds=60. The others stay.", Arity = ArgumentArity.OneOrMore };

    /// <summary>The command.</summary>
    public static Command Make() => CommandShape.Make("settings", "The rules' parameters: show, set.",
            CommandShape.Make("show", "The settings in force.").Does(Show),
            CommandShape.Make("set", "Change settings (operators).", Changes, CommandShape.RequestId).Does(Set))
        .Does(Show);

    /// <summary>The settings with some of them changed, each written name=value.</summary>
    public static ChangeSettings Changed(ChangeSettings settings, IEnumerable<string> changes)
    {
        var changed = settings.Clone();
        foreach (var change in changes)
        {
            var cut = change.IndexOf('=', StringComparison.Ordinal);
            var name = cut > 0 ? change[..cut].Trim() : "";
            if (ChangeSettings.Descriptor.FindFieldByName(name) is not { } field)
                throw new InputException($"\"{change}\" names no setting: write name=value with one of {string.Join(", ", ChangeSettings.Descriptor.Fields.InFieldNumberOrder().Select(known => known.Name))}.");
            if (!long.TryParse(change.AsSpan(cut + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                || (field.FieldType == FieldType.Int32 && value is < int.MinValue or > int.MaxValue))
                throw new InputException($"{name}: \"{change[(cut + 1)..]}\" is not a whole number.");
            field.Accessor.SetValue(changed, field.FieldType == FieldType.Int32 ? (object)(int)value : value);
        }
        return changed;
    }

    static async Task Show(Session session) => Print(session, (await session.Markets()).Settings);

    static async Task Set(Session session)
    {
        var id = IdWords.Request(session.Line.GetValue(CommandShape.RequestId));
        var settings = Changed((await session.Markets()).Settings, session.Line.GetRequiredValue(Changes));
        var request = new ChangeSettingsRequest { RequestId = id, Settings = settings };
        var reply = await session.Ask(cancel => session.Exchange.Markets.ChangeSettingsAsync(request, cancellationToken: cancel));
        session.Print.Say($"settings changed (request {id})");
        Print(session, reply.Settings);
        session.Print.Field("request_id", id);
    }

    static void Print(Session session, ChangeSettings settings)
    {
        var fields = ChangeSettings.Descriptor.Fields.InFieldNumberOrder();
        var width = fields.Max(field => field.Name.Length);
        foreach (var field in fields)
        {
            var value = Convert.ToInt64(field.Accessor.GetValue(settings), CultureInfo.InvariantCulture);
            session.Print.Say(string.Create(CultureInfo.InvariantCulture, $"{field.Name.PadRight(width)}  {value}"));
            session.Print.Field(field.Name, JsonValue.Create(value));
        }
    }
}
