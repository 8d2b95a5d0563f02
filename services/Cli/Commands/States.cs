using System.CommandLine;
using ComputeExchange.Cli.Output;
using ComputeExchange.Cli.Words;

namespace ComputeExchange.Cli.Commands;

/// <summary>Filters and bounds of lists.</summary>
public static class States
{
    /// <summary>How many rows at most.</summary>
    public static readonly Option<int> Most = CommandShape.Whole("--most", "N", "How many rows at most; 0 for all.", orElse: 50);

    /// <summary>An option that takes one of an enum's words.</summary>
    public static Option<string?> Option<TEnum>() where TEnum : struct, Enum =>
        CommandShape.May("--state", "STATE", $"Only these: {Words<TEnum>()}.");

    /// <summary>The value of a word; the first of the enum, which means any, when it was not given.</summary>
    public static TEnum Read<TEnum>(Session session, Option<string?> option) where TEnum : struct, Enum
    {
        if (session.Line.GetValue(option) is not { } word) return default;
        foreach (var value in Enum.GetValues<TEnum>().Skip(1))
        {
            if (Show.Word(value).Equals(word, StringComparison.OrdinalIgnoreCase)) return value;
        }
        throw new InputException($"--state: \"{word}\" is not one of {Words<TEnum>()}.");
    }

    static string Words<TEnum>() where TEnum : struct, Enum => string.Join(", ", Enum.GetValues<TEnum>().Skip(1).Select(value => Show.Word(value)));
}
