using System.Text.Json;

namespace ComputeExchange.Agent.Hardware;

/// <summary>The fields of a JSON object, read once each; what is wrong is said by the field's name.</summary>
sealed class JsonFields
{
    private readonly Dictionary<string, JsonElement> _left = [];

    public JsonFields(JsonElement element, string path)
    {
        Path = path;
        if (element.ValueKind != JsonValueKind.Object) throw new FormatException($"{(path.Length == 0 ? "the file" : path)} must be an object, in {{ }}");
        foreach (var property in element.EnumerateObject())
            if (!_left.TryAdd(property.Name, property.Value)) throw new FormatException($"{Named(property.Name)} stands there twice");
    }

    /// <summary>Where the object stands in the file; empty for the file itself.</summary>
    public string Path { get; }

    public string Text(string name, string otherwise) =>
        !_left.Remove(name, out var value) ? otherwise
        : value.ValueKind == JsonValueKind.String ? value.GetString()!
        : throw new FormatException($"{Named(name)} must be a text, in quotes");

    public bool Flag(string name) =>
        _left.Remove(name, out var value) && value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new FormatException($"{Named(name)} must be true or false"),
        };

    /// <summary>A whole number; without one <paramref name="otherwise"/>, unless that is outside of the range.</summary>
    public long Number(string name, long otherwise, long least, long most)
    {
        var value = otherwise;
        if (_left.Remove(name, out var element) && (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out value)))
            throw new FormatException($"{Named(name)} must be a whole number from {least} to {most}");
        return value >= least && value <= most ? value
            : element.ValueKind == JsonValueKind.Undefined ? throw new FormatException($"{Named(name)} is missing: a whole number from {least} to {most}")
            : throw new FormatException($"{Named(name)} is {value}: it must be from {least} to {most}");
    }

    /// <summary>Indices of GPUs, each once.</summary>
    public IReadOnlyList<int> Indices(string name, int gpus)
    {
        if (!_left.Remove(name, out var value)) return [];
        var right = $"a list of GPU indices from 0 to {gpus - 1}, for example [0]";
        if (value.ValueKind != JsonValueKind.Array) throw new FormatException($"{Named(name)} must be {right}");
        return [.. value.EnumerateArray()
            .Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var index) && index >= 0 && index < gpus
                ? index : throw new FormatException($"{Named(name)} holds {item}: it must be {right}"))
            .Distinct().Order()];
    }

    public IReadOnlyList<JsonFields> List(string name)
    {
        if (!_left.Remove(name, out var value) || value.ValueKind != JsonValueKind.Array) throw new FormatException($"{Named(name)} must be a list, in [ ]");
        return [.. value.EnumerateArray().Select((item, i) => new JsonFields(item, $"{Named(name)}[{i}]"))];
    }

    /// <summary>An object; an empty one if there is none.</summary>
    public JsonFields Object(string name) =>
        _left.Remove(name, out var value) ? new JsonFields(value, Named(name)) : new JsonFields(JsonDocument.Parse("{}").RootElement, Named(name));

    /// <summary>Nothing may be left: a field with a wrong name would be a setting that does nothing.</summary>
    public void End()
    {
        if (_left.Count > 0) throw new FormatException($"{Named(_left.Keys.First())} is not known");
    }

    private string Named(string name) => Path.Length == 0 ? name : $"{Path}.{name}";
}
