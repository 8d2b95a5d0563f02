using System.CommandLine;
using ComputeExchange.Agent.State;

namespace ComputeExchange.Agent.Commands;

/// <summary>The options of the commands that stand on a state folder.</summary>
static class StateWords
{
    /// <summary>Where the agent keeps its key and all that must outlive it.</summary>
    public static readonly Option<string> State = new("--state") { Description = "The folder of the node's key, records and workloads.", DefaultValueFactory = _ => StateFolder.Usual, HelpName = "FOLDER" };
}
