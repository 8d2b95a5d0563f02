using ComputeExchange.Cli.Words;

namespace ComputeExchange.Cli.Commands.Leases;

/// <summary>Variables and public keys as people keep them in files; no sentence about a mistake holds a value.</summary>
public static class WorkloadFiles
{
    /// <summary>Reads a variable: NAME=VALUE, or NAME for that of one's own environment; null for an empty line or a remark of a file.</summary>
    public static (string Name, string Value)? Variable(string field, string text, bool isFile)
    {
        if (isFile && (text.Trim().Length == 0 || text.TrimStart().StartsWith('#'))) return null;
        var cut = text.IndexOf('=', StringComparison.Ordinal);
        var name = (cut < 0 ? text : text[..cut]).Trim();
        if (name.Length == 0 || char.IsAsciiDigit(name[0]) || name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter != '_'))
            throw new InputException($"{field}: is not NAME=VALUE: a name has letters, digits and _, and does not begin with a digit.");
        return (name, cut >= 0 ? text[(cut + 1)..] : Environment.GetEnvironmentVariable(name)
            ?? throw new InputException($"{field}: {name} has no value, and your environment has no {name}: write {name}=VALUE."));
    }

    /// <summary>The public keys of a file, a line each.</summary>
    public static List<string> PublicKeys(string field, string file, IEnumerable<string> lines)
    {
        var keys = new List<string>();
        foreach (var line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && !line.StartsWith('#')))
        {
            if (line.Contains("PRIVATE KEY", StringComparison.Ordinal)) throw new InputException($"{field}: {file} holds a private key, which stays with you: give the public one, usually {file}.pub.");
            if (line.Split(' ') is not [var kind, { Length: > 20 }, ..] || !(kind.StartsWith("ssh-", StringComparison.Ordinal) || kind.StartsWith("ecdsa-", StringComparison.Ordinal) || kind.StartsWith("sk-", StringComparison.Ordinal)))
                throw new InputException($"{field}: {file} is not a public key: it looks like ssh-ed25519 AAAAC3Nza... name.");
            keys.Add(line);
        }
        return keys.Count > 0 ? keys : throw new InputException($"{field}: {file} has no public key in it.");
    }
}
