namespace ComputeExchange.Cli.Words;

/// <summary>Something the person at the keyboard can mend: one sentence that names the field and says what would be right.</summary>
public sealed class InputException(string sentence, int exitCode = 1) : Exception(sentence)
{
    /// <summary>What the program answers: 1, or 2 for a file that does not read.</summary>
    public int ExitCode { get; } = exitCode;
}
