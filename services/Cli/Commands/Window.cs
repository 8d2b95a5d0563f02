using System.CommandLine;
using ComputeExchange.Cli.Words;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Cli.Commands;

/// <summary>GPUs for some hours, as several commands ask for them.</summary>
public static class Window
{
    /// <summary>GPUs in each slot.</summary>
    public static readonly Option<int> Gpus = CommandShape.Whole<int>("--gpus", "N", "GPUs in each hour.", required: true);

    /// <summary>When it begins.</summary>
    public static readonly Option<string> From = CommandShape.Required("--from", "TIME", "When it begins: 2026-03-01T09:00Z, now, +3h, \"tomorrow 09:00\".");

    /// <summary>How long.</summary>
    public static readonly Option<string> Hours = CommandShape.Required("--hours", "H", "How many hours, for example 6; or a length such as 1d12h.");

    /// <summary>The window's ends; what begins now ends so many whole slots after the slot in progress began.</summary>
    public static Task<(Timestamp From, Timestamp To)> Read(Session session) => Read(session, From, Hours);

    /// <summary>The window's ends, by options of the command's own.</summary>
    public static async Task<(Timestamp From, Timestamp To)> Read(Session session, System.CommandLine.Option begins, System.CommandLine.Option lasts)
    {
        var from = await session.Slot(begins.Name, session.Line.GetRequiredValue<string>(begins.Name));
        return (from.ToTimestamp(), (from + Length(lasts.Name, session.Line.GetRequiredValue<string>(lasts.Name))).ToTimestamp());
    }

    /// <summary>A number of hours, or a length such as 1d12h.</summary>
    public static TimeSpan Length(string option, string text) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var hours) && hours is > 0 and <= 10_000
            ? TimeSpan.FromHours(hours)
            : DurationWords.TryParse(text, out var duration) ? duration : throw new InputException($"{option}: \"{text}\" is not a number of hours above 0.");
}
