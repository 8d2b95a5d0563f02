using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace ComputeExchange.Values.Auctions;

/// <summary>An object of a file and the path to it; a field that does not fit is refused by its place.</summary>
readonly struct AuctionJsonPlace(JsonElement value, string path)
{
    static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    static readonly SearchValues<char> WholeNumber = SearchValues.Create("-0123456789");

    /// <summary>The JSON of a file; refused by line and byte when it is not JSON.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.StartsWith(Encoding.UTF8.Preamble)) utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        Scan(utf8.Span);
        try
        {
            return JsonDocument.Parse(utf8, Options);
        }
        catch (JsonException fault)
        {
            throw Refusal("", null, $"does not read: {fault.Message}");
        }
    }

    /// <summary>The file as a whole: an object that states the version.</summary>
    public static AuctionJsonPlace Top(JsonDocument document, string what, int version)
    {
        var top = document.RootElement;
        if (top.ValueKind != JsonValueKind.Object)
            throw Refusal("", null, $"is {Kind(top)}: {what} is an object, {{ \"version\": {version}, … }}.");
        var file = new AuctionJsonPlace(top, "");
        var found = file.Whole("version");
        return found == version ? file : throw file.Refuse("version", $"is {found}: only version {version} is known.");
    }

    /// <summary>Whether a field that may be left out is there; null counts as left out.</summary>
    public bool Has(string field) =>
        value.TryGetProperty(field, out var found) && found.ValueKind != JsonValueKind.Null;

    public long Whole(string field) => Whole(Required(field), field);

    public int Count(string field) => Count(Required(field), field);

    public int Count(string field, int orElse) => Has(field) ? Count(field) : orElse;

    public string Text(string field) => Text(Required(field), field);

    public decimal Seconds(string field)
    {
        if (!Has(field)) return 0;
        var found = Required(field);
        return found.ValueKind == JsonValueKind.Number && found.TryGetDecimal(out var seconds) && seconds >= 0
            ? seconds
            : throw Refuse(field, $"is {Kind(found)}: it is a number of seconds, not below 0.");
    }

    public List<int> Counts(string field)
    {
        var counts = new List<int>();
        foreach (var item in Items(Required(field), field)) counts.Add(Count(item, field, counts.Count));
        return counts;
    }

    public List<string> Texts(string field)
    {
        var texts = new List<string>();
        foreach (var item in Items(Required(field), field)) texts.Add(Text(item, field, texts.Count));
        return texts;
    }

    /// <summary>A single number, or a list of them.</summary>
    public (List<long> Values, bool IsList) WholeOrList(string field)
    {
        var found = Required(field);
        if (found.ValueKind != JsonValueKind.Array) return ([Whole(found, field)], false);
        var values = new List<long>(found.GetArrayLength());
        foreach (var item in Items(found, field)) values.Add(Whole(item, field, values.Count));
        return (values, true);
    }

    /// <summary>A list of lists of numbers or nulls.</summary>
    public List<IReadOnlyList<long?>> Rows(string field)
    {
        var rows = new List<IReadOnlyList<long?>>();
        foreach (var list in Items(Required(field), field))
        {
            var name = $"{field}[{rows.Count}]";
            var row = new List<long?>();
            foreach (var item in Items(list, name))
                row.Add(item.ValueKind == JsonValueKind.Null ? null : Whole(item, name, row.Count));
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>A list of objects.</summary>
    public List<T> Entries<T>(string field, Func<AuctionJsonPlace, T> read)
    {
        var entries = new List<T>();
        foreach (var item in Items(Required(field), field))
        {
            if (item.ValueKind != JsonValueKind.Object)
                throw Refuse(field, entries.Count, $"is {Kind(item)}: it is an object.");
            entries.Add(read(new AuctionJsonPlace(item, $"{field}[{entries.Count}]")));
        }

        return entries;
    }

    /// <summary>What to throw when a field does not fit.</summary>
    public AuctionFormatException Refuse(string field, string reason)
    {
        var id = path.Length > 0 && value.TryGetProperty("id", out var found) && found.ValueKind == JsonValueKind.String
            ? found.GetString()
            : null;
        return Refusal(path.Length == 0 ? field : $"{path}.{field}", id, reason);
    }

    AuctionFormatException Refuse(string field, int index, string reason) =>
        Refuse(index < 0 ? field : $"{field}[{index}]", reason);

    JsonElement Required(string field) =>
        value.TryGetProperty(field, out var found) ? found : throw Refuse(field, "is missing.");

    JsonElement.ArrayEnumerator Items(JsonElement list, string field) =>
        list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : throw Refuse(field, $"is {Kind(list)}: it is a list.");

    long Whole(JsonElement found, string field, int index = -1) =>
        found.ValueKind == JsonValueKind.Number && found.TryGetInt64(out var whole)
            ? whole
            : throw NotWhole(found, field, index);

    int Count(JsonElement found, string field, int index = -1) =>
        found.ValueKind == JsonValueKind.Number && found.TryGetInt32(out var count)
            ? count
            : throw NotWhole(found, field, index);

    string Text(JsonElement found, string field, int index = -1) =>
        found.ValueKind == JsonValueKind.String
            ? found.GetString()!
            : throw Refuse(field, index, $"is {Kind(found)}: it is text.");

    AuctionFormatException NotWhole(JsonElement found, string field, int index)
    {
        var right = found.ValueKind != JsonValueKind.Number ? "it is a whole number"
            : found.GetRawText().AsSpan().ContainsAnyExcept(WholeNumber)
                ? "it is a whole number, written without point or exponent"
            : "that is out of all range";
        return Refuse(field, index, $"is {Kind(found)}: {right}.");
    }

    /// <summary>Refuses what is not JSON or not Unicode, by line and byte.</summary>
    static void Scan(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8))
        {
            var valid = 0;
            while (Rune.DecodeFromUtf8(utf8[valid..], out _, out var length) == OperationStatus.Done) valid += length;
            throw Refusal(Position(utf8, valid), null, "is not UTF-8 text.");
        }

        var reader = new Utf8JsonReader(utf8);
        try
        {
            while (reader.Read())
            {
                // Reading it is what finds an escape that is half a character.
                var isText = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName;
                if (isText && reader.ValueIsEscaped) _ = reader.GetString();
            }
        }
        catch (JsonException fault)
        {
            var place = $"line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}";
            throw Refusal(place, null, $"is not JSON: {fault.Message.Split(" LineNumber:")[0]}");
        }
        catch (InvalidOperationException)
        {
            throw Refusal(
                Position(utf8, (int)reader.TokenStartIndex), null,
                "is text with half a character: a \\u escape lacks its other half.");
        }
    }

    static string Position(ReadOnlySpan<byte> utf8, int index)
    {
        var before = utf8[..index];
        return $"line {before.Count((byte)'\n') + 1}, byte {index - before.LastIndexOf((byte)'\n')}";
    }

    static AuctionFormatException Refusal(string place, string? id, string reason) =>
        new([new AuctionFormatBreach(place, id is null ? null : Short(id), Short(reason))]);

    static string Short(string text) => text.Length <= 300 ? text : $"{text.AsSpan(0, 300)}…";

    static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "text",
        JsonValueKind.Number => value.GetRawText() is { Length: <= 40 } text ? text : "a very long number",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };
}
