using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Values;

namespace ComputeExchange.Settlement.Rails;

/// <summary>The rails that may call, and the secrets that their messages are signed with.</summary>
/// <param name="Secrets">By the rail's name; never written to a log.</param>
public sealed record RailSecrets(IReadOnlyDictionary<string, byte[]> Secrets)
{
    /// <summary>The signature of a message, lower-case hexadecimal; null if this rail does not call.</summary>
    public string? Sign(string rail, ReadOnlySpan<byte> body) =>
        Secrets.TryGetValue(rail, out var secret) ? Convert.ToHexStringLower(HMACSHA256.HashData(secret, body)) : null;

    /// <summary>Whether a message is the rail's own.</summary>
    public bool IsSigned(string rail, ReadOnlySpan<byte> body, string signature) =>
        Sign(rail, body) is { } right
        && CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(right), System.Text.Encoding.UTF8.GetBytes(signature));
}

/// <summary>What a rail's message says: events, as JSON.</summary>
public static class RailMessage
{
    private const long MostMicros = 1_000_000_000_000_000;
    private const int MostEvents = 5_000;
    private const int NamedLimit = 20;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Events as a rail sends them.</summary>
    public static byte[] Write(IEnumerable<RailEvent> events) => JsonSerializer.SerializeToUtf8Bytes(
        new Body([.. events.Select(happened => new Line(
            happened.Id, happened.Kind, happened.PaymentId?.ToString(), happened.Reference, happened.RailReference,
            happened.Amount.Micros, happened.Happened.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)))]), Json);

    /// <summary>Reads a message: all of its events, or what is wrong with those that are.</summary>
    public static IReadOnlyList<RailEvent> Read(string rail, ReadOnlySpan<byte> body, out IReadOnlyList<string> wrong)
    {
        Body? read;
        try
        {
            read = JsonSerializer.Deserialize<Body>(body, Json);
        }
        catch (JsonException malformed)
        {
            wrong = [$"is not JSON of events: {malformed.Message}"];
            return [];
        }
        if (read?.Events is not { Count: > 0 and <= MostEvents } lines)
        {
            wrong = [$"has no list events of 1 to {MostEvents}."];
            return [];
        }
        var (events, found) = (new List<RailEvent>(), new List<string>());
        for (var i = 0; i < lines.Count && found.Count < NamedLimit; i++)
        {
            if (Parse(rail, lines[i], out var happened) is { } mistake) found.Add($"events[{i}]{mistake}");
            else events.Add(happened!);
        }
        wrong = found;
        return events;
    }

    private static string? Parse(string rail, Line? line, out RailEvent? happened)
    {
        happened = null;
        if (line is null) return " is null.";
        if (!IsName(line.Id)) return ".id must have 1 to 100 characters.";
        if (line.Kind is null || RailEvent.Parse(line.Kind) is not { } says) return $".kind '{line.Kind}' is none of {string.Join(", ", RailEvent.Kinds)}.";
        if (!IsName(line.RailReference)) return ".rail_reference must have 1 to 100 characters.";
        if (line.AmountMicros is <= 0 or > MostMicros) return $".amount_micros is {line.AmountMicros}; it can be 1 to {MostMicros}.";
        if (!DateTimeOffset.TryParse(line.HappenedTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            return $".happened_time '{line.HappenedTime}' is not a time such as 2026-03-02T10:00:00Z.";
        if (line.Reference is { Length: > 500 }) return ".reference has more than 500 characters.";
        Guid? payment = null;
        if (says <= RailSays.PaymentReturned)
        {
            if (!Guid.TryParse(line.PaymentId, out var id)) return $".payment_id '{line.PaymentId}' is not a UUID.";
            payment = id;
        }
        happened = new RailEvent(rail, line.Id!, says, payment, payment is null ? line.Reference ?? "" : "", line.RailReference!, new Money(line.AmountMicros), at.ToUniversalTime());
        return null;
    }

    private static bool IsName(string? text) => text is { Length: > 0 and <= 100 } && !text.Any(char.IsControl);

    private sealed record Body(IReadOnlyList<Line?>? Events);

    private sealed record Line(
        string? Id, string? Kind, string? PaymentId, string? Reference, string? RailReference, long AmountMicros, string? HappenedTime);
}
