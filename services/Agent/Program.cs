using System.CommandLine;
using ComputeExchange.Agent.Commands;

namespace ComputeExchange.Agent;

/// <summary>The table of contents: every command of <c>cx-agent</c>.</summary>
public static class Program
{
    /// <summary>Runs a command line and answers with its exit code: 0 only on success.</summary>
    public static Task<int> Main(string[] args) => Contents().Parse(args).InvokeAsync();

    /// <summary>The commands, and the options that all of them take.</summary>
    public static RootCommand Contents()
    {
        var root = new RootCommand("cx-agent: makes this host a node of the exchange.")
        {
            EnrolCommand.Make(),
            RunCommand.Make(),
            StatusCommand.Make(),
            ShowCommand.Make(),
            TestCommand.Make(),
        };
        foreach (var option in HardwareWords.All) root.Options.Add(option);
        return root;
    }
}
