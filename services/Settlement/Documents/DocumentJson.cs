using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ComputeExchange.Settlement.Domain.Documents;

namespace ComputeExchange.Settlement.Documents;

/// <summary>A document as JSON: what is kept of it, and what programs read. Fields are added and never renamed.</summary>
public static class DocumentJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true,
        Converters = { new Times() },
    };

    public static byte[] Write(Document document) => [.. JsonSerializer.SerializeToUtf8Bytes(document, Options), (byte)'\n'];

    /// <exception cref="JsonException">It is not a document.</exception>
    public static Document Read(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize<Document>(json, Options) ?? throw new JsonException("It is null and not a document.");

    /// <summary>Times in UTC, for example <c>2026-03-01T00:00:00Z</c>, with parts of a second only where there are any.</summary>
    private sealed class Times : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DateTimeOffset.Parse(reader.GetString() ?? "", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
    }
}
