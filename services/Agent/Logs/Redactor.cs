using System.Text;

namespace ComputeExchange.Agent.Logs;

/// <summary>Takes secrets out of what a workload printed, also where a secret comes in two pieces.</summary>
/// <remarks>What comes out depends on the bytes alone and not on how they were cut, so a piece that is read again comes out the same.</remarks>
public sealed class Redactor
{
    /// <summary>Values shorter than this hide nothing: masking every "1" would leave nothing to read.</summary>
    public const int ShortestSecret = 4;

    private static readonly byte[] Mask = "***"u8.ToArray();

    private readonly byte[][] _secrets;
    private readonly bool[] _begins = new bool[256];

    /// <summary>A redactor for the values of an environment; of a value of several lines each line is a secret too.</summary>
    public Redactor(IEnumerable<string> values)
    {
        _secrets = values.SelectMany(value => value.Split('\n').Select(line => line.Trim('\r')).Append(value))
            .Where(secret => secret.Trim().Length >= ShortestSecret).Distinct(StringComparer.Ordinal)
            .Select(Encoding.UTF8.GetBytes).OrderByDescending(secret => secret.Length).ToArray();
        foreach (var secret in _secrets) _begins[secret[0]] = true;
    }

    /// <summary>Bytes of the longest secret.</summary>
    public int Longest => _secrets.Length == 0 ? 0 : _secrets[0].Length;

    /// <summary>Writes what can be shown, and says how many bytes of the input that were; the rest may be the beginning of a secret.</summary>
    /// <param name="input">The bytes.</param>
    /// <param name="atEnd">Whether nothing follows them.</param>
    /// <param name="output">Where to.</param>
    public int Take(ReadOnlySpan<byte> input, bool atEnd, Stream output)
    {
        var at = 0;
        var from = 0;
        while (at < input.Length)
        {
            if (!_begins[input[at]])
            {
                at++;
                continue;
            }
            var rest = input[at..];
            var length = 0;
            foreach (var secret in _secrets)
            {
                if (rest.StartsWith(secret))
                {
                    length = secret.Length;
                    break;
                }
                if (!atEnd && rest.Length < secret.Length && secret.AsSpan().StartsWith(rest))
                {
                    output.Write(input[from..at]);
                    return at;
                }
            }
            if (length == 0)
            {
                at++;
                continue;
            }
            output.Write(input[from..at]);
            output.Write(Mask);
            at += length;
            from = at;
        }
        output.Write(input[from..]);
        return input.Length;
    }

    /// <summary>A sentence without secrets.</summary>
    public string Clean(string text)
    {
        using var output = new MemoryStream();
        Take(Encoding.UTF8.GetBytes(text), atEnd: true, output);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
