using System.Collections;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Web.Rest;

/// <summary>Messages of the contracts as JSON for people and pages.</summary>
/// <remarks>
/// Field names as in the protos. All integers are JSON numbers: amounts stay below 2^53 micro-dollars ($9 billion). Enums
/// are in lower case without their type's prefix; times are RFC 3339 in UTC. Scalars and lists are always there, unset
/// messages and optional fields are not. A field <c>x_json</c> holds JSON and appears as <c>x</c>; a map is an object.
/// </remarks>
public static class ProtoJson
{
    private const string JsonSuffix = "_json";

    /// <summary>What a field is called in JSON.</summary>
    public static string NameOf(FieldDescriptor field) => HoldsJson(field) ? field.Name[..^JsonSuffix.Length] : field.Name;

    /// <summary>Whether a field holds a JSON document.</summary>
    public static bool HoldsJson(FieldDescriptor field) =>
        field is { IsRepeated: false, FieldType: FieldType.String or FieldType.Bytes } && field.Name.EndsWith(JsonSuffix, StringComparison.Ordinal);

    /// <summary>What the values of a map are.</summary>
    public static FieldDescriptor ValueOf(FieldDescriptor map) => map.MessageType.FindFieldByNumber(2);

    /// <summary>What a value of an enum is called in JSON.</summary>
    public static string NameOf(EnumValueDescriptor value)
    {
        var prefix = JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.EnumDescriptor.Name) + "_";
        var name = value.Name.StartsWith(prefix, StringComparison.Ordinal) ? value.Name[prefix.Length..] : value.Name;
        return name.ToLowerInvariant();
    }

    /// <summary>Writes a message as a JSON object.</summary>
    public static void Write(Utf8JsonWriter json, IMessage message)
    {
        json.WriteStartObject();
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.IsMap)
            {
                json.WriteStartObject(field.Name);
                foreach (DictionaryEntry entry in (IDictionary)field.Accessor.GetValue(message))
                {
                    json.WritePropertyName((string)entry.Key);
                    WriteValue(json, ValueOf(field), entry.Value!);
                }
                json.WriteEndObject();
            }
            else if (field.IsRepeated)
            {
                json.WriteStartArray(field.Name);
                foreach (var item in (IList)field.Accessor.GetValue(message)) WriteValue(json, field, item);
                json.WriteEndArray();
            }
            else if (!field.HasPresence || field.Accessor.HasValue(message))
            {
                var value = field.Accessor.GetValue(message);
                if (HoldsJson(field)) WriteDocument(json, field, value);
                else
                {
                    json.WritePropertyName(field.Name);
                    WriteValue(json, field, value);
                }
            }
        }
        json.WriteEndObject();
    }

    /// <summary>Reads a request from a JSON object; what does not fit is added to <paramref name="wrong"/>, by field.</summary>
    public static IMessage Read(JsonElement json, MessageDescriptor type, string path, List<FieldError> wrong)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        if (json.ValueKind != JsonValueKind.Object)
        {
            wrong.Add(new FieldError(path, "must be a JSON object."));
            return message;
        }
        foreach (var property in json.EnumerateObject())
        {
            var at = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            if (type.FindFieldByName(property.Name) is not { } field)
            {
                wrong.Add(new FieldError(at, $"is not known here; the fields are {string.Join(", ", type.Fields.InFieldNumberOrder().Select(f => f.Name))}."));
                continue;
            }
            if (property.Value.ValueKind == JsonValueKind.Null) continue;
            if (!field.IsRepeated)
            {
                if (ReadValue(property.Value, field, at, wrong) is { } value) field.Accessor.SetValue(message, value);
                continue;
            }
            if (field.IsMap)
            {
                ReadMap(property.Value, field, (IDictionary)field.Accessor.GetValue(message), at, wrong);
                continue;
            }
            if (property.Value.ValueKind != JsonValueKind.Array)
            {
                wrong.Add(new FieldError(at, "must be a list."));
                continue;
            }
            var list = (IList)field.Accessor.GetValue(message);
            foreach (var item in property.Value.EnumerateArray())
                if (ReadValue(item, field, at, wrong) is { } value) list.Add(value);
        }
        return message;
    }

    /// <summary>Puts a value from a path or a query into a request.</summary>
    public static void Put(IMessage message, string name, IEnumerable<string?> values, List<FieldError> wrong)
    {
        if (message.Descriptor.FindFieldByName(name) is not { } field)
        {
            wrong.Add(new FieldError(name, $"is not known here; the fields are {string.Join(", ", message.Descriptor.Fields.InFieldNumberOrder().Select(f => f.Name))}."));
            return;
        }
        foreach (var text in values)
        {
            if (string.IsNullOrEmpty(text)) continue;
            if (ReadText(text, field, name, wrong) is not { } value) continue;
            if (field.IsRepeated) ((IList)field.Accessor.GetValue(message)).Add(value);
            else field.Accessor.SetValue(message, value);
        }
    }

    private static void ReadMap(JsonElement json, FieldDescriptor field, IDictionary map, string at, List<FieldError> wrong)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            wrong.Add(new FieldError(at, "must be a JSON object of names and values."));
            return;
        }
        foreach (var entry in json.EnumerateObject())
            if (ReadValue(entry.Value, ValueOf(field), $"{at}.{entry.Name}", wrong) is { } value) map[entry.Name] = value;
    }

    private static void WriteDocument(Utf8JsonWriter json, FieldDescriptor field, object value)
    {
        var text = value is ByteString bytes ? bytes.Memory : System.Text.Encoding.UTF8.GetBytes((string)value);
        if (text.Length == 0) return;
        json.WritePropertyName(NameOf(field));
        json.WriteRawValue(text.Span);
    }

    private static void WriteValue(Utf8JsonWriter json, FieldDescriptor field, object value)
    {
        switch (value)
        {
            case Timestamp time: json.WriteStringValue(Text(time)); break;
            case IMessage message: Write(json, message); break;
            case string text: json.WriteStringValue(text); break;
            case bool yes: json.WriteBooleanValue(yes); break;
            case ByteString bytes: json.WriteBase64StringValue(bytes.Span); break;
            case int or long or uint or ulong: json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case System.Enum: json.WriteStringValue(field.EnumType.FindValueByNumber((int)value) is { } known ? NameOf(known) : ((int)value).ToString(CultureInfo.InvariantCulture)); break;
            default: throw new NotSupportedException($"The contracts use no {value.GetType()}.");
        }
    }

    private static string Text(Timestamp time)
    {
        var text = time.ToDateTimeOffset().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
        return text + "Z";
    }

    private static object? ReadValue(JsonElement json, FieldDescriptor field, string at, List<FieldError> wrong)
    {
        if (field.FieldType == FieldType.Message && field.MessageType != Timestamp.Descriptor) return Read(json, field.MessageType, at, wrong);
        if (field.FieldType == FieldType.Bool && json.ValueKind is JsonValueKind.True or JsonValueKind.False) return json.GetBoolean();
        if (json.ValueKind is JsonValueKind.String or JsonValueKind.Number)
        {
            // Numbers are not taken for names, nor names for numbers, except that 64-bit numbers may come as strings.
            var isNumber = field.FieldType is FieldType.Int32 or FieldType.Int64 or FieldType.UInt32 or FieldType.UInt64;
            if (isNumber || json.ValueKind == JsonValueKind.String)
                return ReadText(json.ValueKind == JsonValueKind.String ? json.GetString()! : json.GetRawText(), field, at, wrong);
        }
        wrong.Add(new FieldError(at, $"must be {Kind(field)}."));
        return null;
    }

    private static object? ReadText(string text, FieldDescriptor field, string at, List<FieldError> wrong)
    {
        object? value = field.FieldType switch
        {
            FieldType.String => text,
            FieldType.Int32 => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
            FieldType.Int64 => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
            FieldType.Bool => bool.TryParse(text, out var yes) ? yes : null,
            FieldType.Enum => field.EnumType.Values.FirstOrDefault(v => NameOf(v).Equals(text, StringComparison.OrdinalIgnoreCase) || v.Name == text)?.Number is { } number
                ? System.Enum.ToObject(field.EnumType.ClrType, number)
                : null,
            FieldType.Message when field.MessageType == Timestamp.Descriptor =>
                DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? Timestamp.FromDateTimeOffset(time) : null,
            _ => null,
        };
        if (value is null) wrong.Add(new FieldError(at, $"'{text}' must be {Kind(field)}."));
        return value;
    }

    private static string Kind(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Int32 or FieldType.Int64 or FieldType.UInt32 or FieldType.UInt64 => "a whole number",
        FieldType.Bool => "true or false",
        FieldType.Enum => "one of " + string.Join(", ", field.EnumType.Values.Where(v => v.Number != 0).Select(NameOf)),
        FieldType.Message when field.MessageType == Timestamp.Descriptor => "a time such as 2026-02-27T14:00:00Z",
        FieldType.Message => "a JSON object",
        _ => "a string",
    };
}

/// <summary>A field of a request that is wrong, and what would be right.</summary>
public sealed record FieldError(string Field, string Description);
