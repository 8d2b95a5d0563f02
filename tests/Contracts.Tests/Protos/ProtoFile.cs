using System.Text.RegularExpressions;

namespace ComputeExchange.Contracts.Tests.Protos;

/// <summary>One thing that a proto file defines: a message, a field, a service, a method, an enum or one of its values.</summary>
/// <param name="Kind">Of these, which.</param>
/// <param name="Name">Its full name.</param>
/// <param name="Line">Where it stands.</param>
/// <param name="Documented">Whether a comment stands right above it.</param>
public sealed record ProtoThing(string Kind, string Name, int Line, bool Documented);

/// <summary>Reads what a proto file defines, with its comments, which the compiled descriptors do not have.</summary>
public sealed partial class ProtoFile
{
    private readonly List<(string Text, int Line)> _tokens = [];
    private readonly HashSet<int> _commentLines = [];
    private readonly List<ProtoThing> _things = [];
    private string _package = "";
    private int _at;

    private ProtoFile(string text)
    {
        var line = 1;
        foreach (Match match in Token().Matches(text))
        {
            // A comment that stands behind something on its line is no comment of what follows.
            if (match.Value.StartsWith("//", StringComparison.Ordinal))
            {
                if (_tokens.Count == 0 || _tokens[^1].Line != line) _commentLines.Add(line);
            }
            else if (match.Value != "\n" && match.Value.Trim().Length > 0)
            {
                _tokens.Add((match.Value, line));
            }
            line += match.Value.Count(c => c == '\n');
        }
    }

    /// <summary>All that the file defines.</summary>
    public static IReadOnlyList<ProtoThing> Read(string text)
    {
        var file = new ProtoFile(text);
        while (file._at < file._tokens.Count) file.Statement("", "file");
        return file._things;
    }

    private string Next() => _tokens[_at++].Text;

    private void Statement(string scope, string inside)
    {
        var begin = _at;
        switch (_tokens[_at].Text)
        {
            case "package":
                _at++;
                _package = Next();
                Skip();
                break;
            case "syntax" or "import" or "option" or "reserved" or "extensions" when inside != "enum" || _tokens[_at + 1].Text != "=":
                Skip();
                break;
            case ";":
                _at++;
                break;
            case "message" or "enum" or "service" or "oneof" when _tokens[_at + 2].Text == "{":
                var kind = Next();
                var name = Add(kind, scope, Next(), begin);
                Block(kind == "oneof" ? scope : name, kind);
                break;
            case "extend":
                _at += 2;
                Block(scope, "extend");
                break;
            case "rpc":
                _at++;
                Add("method", scope, Next(), begin);
                Skip();
                break;
            default:
                // A field or a value: the name is what stands before the equals sign.
                while (_tokens[_at].Text != "=") _at++;
                Add(inside == "enum" ? "value" : "field", scope, _tokens[_at - 1].Text, begin);
                Skip();
                break;
        }
    }

    private void Block(string scope, string inside)
    {
        _at++;
        while (_tokens[_at].Text != "}") Statement(scope, inside);
        _at++;
    }

    private string Add(string kind, string scope, string name, int begin)
    {
        var full = scope.Length == 0 ? $"{_package}.{name}" : $"{scope}.{name}";
        var line = _tokens[begin].Line;
        _things.Add(new ProtoThing(kind, full, line, _commentLines.Contains(line - 1)));
        return full;
    }

    /// <summary>To the end of a statement: its semicolon, or the block that it ends with.</summary>
    private void Skip()
    {
        for (var depth = 0; ;)
        {
            var token = Next();
            if (token == "{") depth++;
            if (token == "}" && --depth == 0 && (_at == _tokens.Count || _tokens[_at].Text != ";")) return;
            if (token == ";" && depth == 0) return;
        }
    }

    [GeneratedRegex("""//[^\n]*|"(?:[^"\\]|\\.)*"|[\w.]+|\n|[^\w\s]|\s+""")]
    private static partial Regex Token();
}
