using System.Text.Json.Nodes;

namespace ComputeExchange.Cli.Output;

/// <summary>One figure of a thing: how people read it and how programs do.</summary>
/// <param name="Header">For people.</param>
/// <param name="Field">For programs: snake_case, with its unit.</param>
/// <param name="Text">What people read.</param>
/// <param name="Json">What programs read.</param>
/// <param name="IsNumber">Set to the right in tables.</param>
public sealed record Column<T>(string Header, string Field, Func<T, string> Text, Func<T, JsonNode?> Json, bool IsNumber);

/// <summary>The figures of a thing, in order: a table of many, or a card of one.</summary>
/// <param name="name">What the list is called in JSON.</param>
/// <param name="whenEmpty">What people read where there is none.</param>
public sealed class Sheet<T>(string name, string whenEmpty)
{
    readonly List<Column<T>> _columns = [];

    /// <summary>What the list is called in JSON.</summary>
    public string Name { get; } = name;

    /// <summary>What people read where there is none.</summary>
    public string WhenEmpty { get; } = whenEmpty;

    /// <summary>The columns, in order.</summary>
    public IReadOnlyList<Column<T>> Columns => _columns;

    /// <summary>Words.</summary>
    public Sheet<T> Text(string header, string field, Func<T, string?> value) =>
        Add(header, field, row => value(row) ?? "", row => value(row) is { } text ? JsonValue.Create(text) : null);

    /// <summary>A count.</summary>
    public Sheet<T> Count(string header, string field, Func<T, long?> value) =>
        Add(header, field, row => value(row)?.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture) ?? "", row => value(row) is { } count ? JsonValue.Create(count) : null, isNumber: true);

    /// <summary>A number that names a thing: without separators.</summary>
    public Sheet<T> Number(string header, string field, Func<T, long> value) =>
        Add(header, field, row => value(row).ToString(System.Globalization.CultureInfo.InvariantCulture), row => JsonValue.Create(value(row)), isNumber: true);

    /// <summary>Micro-dollars per GPU-hour; null where there is no price.</summary>
    public Sheet<T> Price(string header, string field, Func<T, long?> value) =>
        Add(header, field, row => Show.Price(value(row)), row => value(row) is { } micros ? JsonValue.Create(micros) : null, isNumber: true);

    /// <summary>Micro-dollars; null where there is no amount.</summary>
    public Sheet<T> Money(string header, string field, Func<T, long?> value) =>
        Add(header, field, row => value(row) is { } micros ? Show.Money(micros) : "", row => value(row) is { } micros ? JsonValue.Create(micros) : null, isNumber: true);

    /// <summary>GPU-minutes, shown as GPU-hours.</summary>
    public Sheet<T> GpuMinutes(string header, string field, Func<T, long> value) =>
        Add(header, field, row => Show.GpuHours(value(row)), row => JsonValue.Create(value(row)), isNumber: true);

    /// <summary>Parts per million, shown as a percentage.</summary>
    public Sheet<T> Ppm(string header, string field, Func<T, long> value) =>
        Add(header, field, row => Show.Percent(value(row)), row => JsonValue.Create(value(row)), isNumber: true);

    /// <summary>A time, in JSON as ISO 8601.</summary>
    public Sheet<T> Time(string header, string field, Func<T, Google.Protobuf.WellKnownTypes.Timestamp?> value) =>
        Add(header, field, row => Show.Time(value(row)), row => value(row) is { } time ? JsonValue.Create(time.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture)) : null);

    /// <summary>Yes or no.</summary>
    public Sheet<T> Flag(string header, string field, Func<T, bool> value) =>
        Add(header, field, row => value(row) ? "yes" : "no", row => JsonValue.Create(value(row)));

    /// <summary>An enum, in JSON as its lower-case words.</summary>
    public Sheet<T> Word<TEnum>(string header, string field, Func<T, TEnum> value) where TEnum : struct, Enum =>
        Add(header, field, row => Show.Word(value(row)), row => JsonValue.Create(Show.Word(value(row)).Replace(' ', '_')));

    /// <summary>An enum, in JSON as its lower-case words; nothing where it says nothing.</summary>
    public Sheet<T> WordOrNone<TEnum>(string header, string field, Func<T, TEnum> value) where TEnum : struct, Enum =>
        Add(header, field, row => Show.WordOrNone(value(row)) ?? "", row => Show.WordOrNone(value(row)) is { } word ? JsonValue.Create(word.Replace(' ', '_')) : null);

    /// <summary>Bytes, shown by powers of 1024.</summary>
    public Sheet<T> Bytes(string header, string field, Func<T, long> value) =>
        Add(header, field, row => Show.Bytes(value(row)), row => JsonValue.Create(value(row)), isNumber: true);

    /// <summary>Seconds, shown in their largest units.</summary>
    public Sheet<T> Seconds(string header, string field, Func<T, long> value) =>
        Add(header, field, row => Show.Length(value(row)), row => JsonValue.Create(value(row)), isNumber: true);

    /// <summary>Several words; an array for programs.</summary>
    public Sheet<T> List(string header, string field, Func<T, IEnumerable<string>> value) =>
        Add(header, field, row => string.Join(", ", value(row)), row => new JsonArray([.. value(row).Select(word => (JsonNode)word)]));

    /// <summary>Several numbers; an array for programs.</summary>
    public Sheet<T> Numbers(string header, string field, Func<T, IEnumerable<long>> value) =>
        Add(header, field, row => string.Join(", ", value(row).Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture))),
            row => new JsonArray([.. value(row).Select(number => (JsonNode)number)]));

    /// <summary>Anything else.</summary>
    public Sheet<T> Add(string header, string field, Func<T, string> text, Func<T, JsonNode?> json, bool isNumber = false)
    {
        _columns.Add(new Column<T>(header, field, text, json, isNumber));
        return this;
    }

    /// <summary>A row for programs.</summary>
    public JsonObject Json(T row)
    {
        var found = new JsonObject();
        foreach (var column in _columns) found[column.Field] = column.Json(row);
        return found;
    }
}
