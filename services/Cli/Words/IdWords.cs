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
}
