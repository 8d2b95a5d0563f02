using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using ComputeExchange.Cli.Words;
using ComputeExchange.Client;
using Grpc.Core;

namespace ComputeExchange.Cli;

/// <summary>What all commands have in common: how they are put together, and how they end.</summary>
public static class CommandShape
{
    /// <summary>The id under which a change may be repeated.</summary>
    public static readonly Option<string> RequestId = new("--request-id") { Description = "A UUID kept across repetitions: the same id never acts twice. Default: a new one.", HelpName = "UUID" };

    /// <summary>A command with its parts.</summary>
    public static Command Make(string name, string description, params Symbol[] parts)
    {
        var command = new Command(name, description);
        foreach (var part in parts)
        {
            switch (part)
            {
                case Argument argument: command.Add(argument); break;
                case Option option: command.Add(option); break;
                case Command inner: command.Add(inner); break;
            }
        }
        return command;
    }

    /// <summary>What the command does. It answers with its exit code.</summary>
    public static Command Does(this Command command, Func<Session, Task<int>> act)
    {
        command.SetAction(async (line, cancel) =>
        {
            using var session = new Session(line, cancel);
            return await Guarded(session, act);
        });
        return command;
    }

    /// <summary>What the command does; when it returns, it succeeded.</summary>
    public static Command Does(this Command command, Func<Session, Task> act) => command.Does(async session =>
    {
        await act(session);
        return 0;
    });

    /// <summary>An argument that must be given.</summary>
    public static Argument<string> Needed(string name, string description) => new(name) { Description = description };

    /// <summary>An argument that may be left out.</summary>
    public static Argument<string?> Optional(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };

    /// <summary>A whole number that must be given.</summary>
    public static Argument<T> Whole<T>(string name, string description) where T : struct, IBinaryInteger<T> =>
        new(name) { Description = description, CustomParser = result => Read<T>(result, name) };

    /// <summary>An option that must be given.</summary>
    public static Option<string> Required(string name, string helpName, string description) => new(name) { Description = description, HelpName = helpName, Required = true };

    /// <summary>An option that may be left out.</summary>
    public static Option<string?> May(string name, string helpName, string description) => new(name) { Description = description, HelpName = helpName };

    /// <summary>An option with a whole number; 0, or what is said, when it is left out.</summary>
    public static Option<T> Whole<T>(string name, string helpName, string description, bool required = false, T orElse = default) where T : struct, IBinaryInteger<T>
    {
        var option = new Option<T>(name) { Description = description, HelpName = helpName, Required = required, CustomParser = result => Read<T>(result, name) };
        if (!required) option.DefaultValueFactory = _ => orElse;
        return option;
    }

    /// <summary>An option with a whole number; nothing when it is left out.</summary>
    public static Option<T?> MayWhole<T>(string name, string helpName, string description) where T : struct, IBinaryInteger<T> =>
        new(name) { Description = description, HelpName = helpName, CustomParser = result => Read<T>(result, name) };

    static T Read<T>(ArgumentResult result, string name) where T : struct, IBinaryInteger<T>
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        result.AddError($"{name}: \"{text}\" is not a whole number.");
        return default;
    }

    /// <summary>Runs a command line; what does not parse is said in a sentence each, and help is shown only where no command was named.</summary>
    public static async Task<int> Run(this RootCommand root, IReadOnlyList<string> words, TextWriter output, TextWriter error)
    {
        var line = root.Parse(words);
        var named = line.CommandResult.Command;
        if (line.Action is ParseErrorAction && !(named.Action is null && named.Subcommands.Count > 0 && line.UnmatchedTokens.Count == 0))
        {
            foreach (var fault in line.Errors) await error.WriteLineAsync(fault.Message);
            await error.WriteLineAsync($"See {Path(named)} --help.");
            return 1;
        }
        return await line.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error });
    }

    static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Path(parent)} {command.Name}" : command.Name;

    static async Task<int> Guarded(Session session, Func<Session, Task<int>> act)
    {
        try
        {
            var code = await act(session);
            session.Print.Finish();
            return code;
        }
        catch (RpcException refused)
        {
            await session.Error.WriteLineAsync(Sentence(session, refused));
            return 1;
        }
        catch (InputException mistake)
        {
            await session.Error.WriteLineAsync(mistake.Message);
            return mistake.ExitCode;
        }
        catch (OperationCanceledException) when (session.Cancel.IsCancellationRequested)
        {
            await session.Error.WriteLineAsync("Stopped.");
            return 130;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            await session.Error.WriteLineAsync(fault.Message);
            return 1;
        }
#pragma warning disable CA1031 // The last stop of the program: people get a sentence, never a stack trace.
        catch (Exception fault)
        {
            await session.Error.WriteLineAsync($"cx failed: {fault.Message}");
            return 1;
        }
#pragma warning restore CA1031
    }

    /// <summary>A field by the name under which it was typed, where this command has such an option.</summary>
    static string AsTyped(Session session, string field)
    {
        var command = session.Line.CommandResult.Command;
        return FieldNames.Typed(field).FirstOrDefault(name => command.Options.Any(known => known.Name == name) || command.Arguments.Any(known => known.Name == name)) ?? field;
    }

    /// <summary>Why the exchange did not do it, and what would help.</summary>
    static string Sentence(Session session, RpcException refused)
    {
        var failure = RpcFailure.From(refused);
        var words = (failure with { Fields = [.. failure.Fields.Select(field => (AsTyped(session, field.Field), field.Description))] }).ToString();
        return refused.StatusCode switch
        {
            StatusCode.Unavailable => $"No exchange answers at {session.Connection.Address}: start one with deploy/run, or name another with --address. ({refused.Status.Detail})",
            StatusCode.Unauthenticated => $"{words} Give a key with --key or --as.",
            StatusCode.PermissionDenied when session.Connection.Key is null => $"{words} No key was given: use --key or --as.",
            StatusCode.Cancelled when session.Cancel.IsCancellationRequested => "Stopped.",
            _ => words,
        };
    }
}
