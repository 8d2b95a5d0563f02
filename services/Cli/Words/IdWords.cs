namespace ComputeExchange.Cli.Words;

/// <summary>Ids as people paste them.</summary>
public static class IdWords
{
    /// <summary>Reads a UUID and gives it back in its usual form.</summary>
    public static string Uuid(string field, string text) => Guid.TryParse(text, out var id)
        ? id.ToString()
        : throw new InputException($"{field}: \"{text}\" is not a UUID: it looks like 0192f0c1-2d3e-7abc-8def-0123456789ab.");

    /// <summary>The id of a request: what was given, or a new UUID version 7.</summary>
    public static string Request(string? given) => given is null
        ? Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString()
        : Uuid("--request-id", given);

    /// <summary>The one id that was meant: whole, or by its first digits where only one begins so; null where none does.</summary>
    /// <param name="field">Under which name it was typed.</param>
    /// <param name="what">What it is the id of, for the sentence that names those there are.</param>
    public static string? Only(string field, string text, string what, IEnumerable<string> ids)
    {
        var found = ids.Where(id => id.StartsWith(text, StringComparison.OrdinalIgnoreCase)).Distinct().ToList();
        return found.Count < 2
            ? found.FirstOrDefault()
            : throw new InputException($"{field}: {found.Count} {what} begin with \"{text}\": {string.Join(", ", found.Take(5))}{(found.Count > 5 ? ", ..." : "")}. Write more of it.");
    }
}
