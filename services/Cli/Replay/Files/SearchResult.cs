using System.Text;
using System.Text.Json;
using ComputeExchange.Cli.Words;

namespace ComputeExchange.Cli.Replay.Files;

/// <summary>What <c>vastai search offers --raw</c> printed: a JSON list of offers, or the same in <c>{"offers": …}</c> as the marketplace's REST interface answers.</summary>
/// <remarks>It is a snapshot of one moment, which stands nowhere in it: the day comes from outside.</remarks>
public sealed class SearchResult
{
    SearchResult(List<Row> rows) => Rows = rows;

    /// <summary>The offers in order.</summary>
    public IReadOnlyList<Row> Rows { get; }

    /// <summary>Whether a file holds JSON rather than a table: by the first character that is not blank.</summary>
    public static bool Looks(ReadOnlySpan<byte> bytes)
    {
        var text = bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
        text = text.TrimStart(" \t\r\n"u8);
        return text.Length > 0 && text[0] is (byte)'[' or (byte)'{';
    }

    /// <summary>Reads the bytes of a file, or says where they are not what they should be.</summary>
    public static SearchResult Read(string name, byte[] bytes)
    {
        var text = bytes.AsMemory(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0);
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && !root.TryGetProperty("offers", out root) || root.ValueKind != JsonValueKind.Array)
                throw new InputException($"{name}: holds no list of offers: it should be [...] or {{\"offers\": [...]}}, as vastai search offers --raw prints it.", exitCode: 2);
            return new SearchResult([.. root.EnumerateArray().Select(offer => new Row(offer.ValueKind == JsonValueKind.Object ? offer.Clone() : null))]);
        }
        catch (JsonException fault)
        {
            throw new InputException(FormattableString.Invariant(
                $"{name}: is not JSON at line {fault.LineNumber + 1}, column {fault.BytePositionInLine + 1}: save the whole output of vastai search offers --raw."), exitCode: 2);
        }
    }

    /// <summary>One offer; without fields where the list held something else.</summary>
    public sealed class Row(JsonElement? offer) : IFields
    {
        /// <summary>Whether it is an offer at all.</summary>
        public bool IsOffer => offer is not null;

        /// <inheritdoc />
        public string Text(string name) => offer is not { } known || !known.TryGetProperty(name, out var value) ? "" : value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!.Trim(),
            JsonValueKind.Null => "",
            _ => value.GetRawText(),
        };
    }
}
