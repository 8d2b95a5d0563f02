using System.Collections.Frozen;
using System.Reflection;
using System.Text.RegularExpressions;

namespace ComputeExchange.Web.Rest;

/// <summary>What the protos say about each method, message and field: the comment above it, read from the protos themselves.</summary>
public static partial class ProtoComments
{
    private static readonly FrozenDictionary<string, string> ByName = Read().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The comment of a method, message, enum, or field, by its full name; empty if there is none.</summary>
    public static string Of(string fullName) => ByName.GetValueOrDefault(fullName, "");

    private static Dictionary<string, string> Read()
    {
        var comments = new Dictionary<string, string>(StringComparer.Ordinal);
        var protos = typeof(ComputeExchange.OrderBook.V1.Bid).Assembly;
        foreach (var name in protos.GetManifestResourceNames().Where(name => name.EndsWith(".proto", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(protos.GetManifestResourceStream(name)!);
            ReadFile(reader.ReadToEnd().Split('\n'), comments);
        }
        return comments;
    }

    private static void ReadFile(string[] lines, Dictionary<string, string> comments)
    {
        var scopes = new Stack<string>();
        var said = new List<string>();
        foreach (var raw in lines)
        {
            var line = raw.Trim();
            if (line.StartsWith("//", StringComparison.Ordinal))
            {
                said.Add(line[2..].Trim());
                continue;
            }
            if (PackageLine().Match(line) is { Success: true } package)
            {
                scopes.Push(package.Groups[1].Value);
            }
            else if (BlockLine().Match(line) is { Success: true } block)
            {
                var isScope = block.Groups[1].Value != "oneof";
                var full = $"{scopes.Peek()}.{block.Groups[2].Value}";
                Keep(full);

                // A oneof's fields belong to its message.
                if (line.EndsWith('{')) scopes.Push(isScope ? full : scopes.Peek());
            }
            else if (FieldLine().Match(line) is { Success: true } field)
            {
                Keep($"{scopes.Peek()}.{field.Groups[1].Value}");
            }
            else if (line == "}")
            {
                scopes.Pop();
            }
            said.Clear();
        }

        void Keep(string name)
        {
            if (said.Count > 0) comments[name] = string.Join(' ', said.Where(text => text.Length > 0));
        }
    }

    [GeneratedRegex(@"^package ([\w.]+);")]
    private static partial Regex PackageLine();

    [GeneratedRegex(@"^(message|enum|service|oneof|rpc) (\w+)")]
    private static partial Regex BlockLine();

    [GeneratedRegex(@"^(?:(?:repeated|optional) )?(?:map<[^>]*>|[\w.]*)\s*\b(\w+) = \d+;")]
    private static partial Regex FieldLine();
}
