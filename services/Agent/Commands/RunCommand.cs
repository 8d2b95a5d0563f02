using System.CommandLine;
using ComputeExchange.Agent.Hardware;
using ComputeExchange.Agent.Identity;
using ComputeExchange.Agent.Link;
using ComputeExchange.Agent.State;

namespace ComputeExchange.Agent.Commands;

/// <summary><c>cx-agent run</c>: the agent at work, until it is told to end.</summary>
static class RunCommand
{
    public static Command Make()
    {
        var command = new Command("run", "Connects to the exchange, runs what was sold and measures it. What runs goes on when the agent ends, and is found again.") { StateWords.State };
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancel)
    {
        var error = parsed.InvocationConfiguration.Error;
        try
        {
            var state = StateFolder.Open(parsed.GetValue(StateWords.State)!);
            await NodeDaemon.Run(state, HardwareWords.Settings(parsed), new HostLog(error, TimeProvider.System), TimeProvider.System, cancel);
            return 0;
        }
        catch (Exception trouble) when (trouble is AgentTroubleException or HardwareMissingException)
        {
            error.WriteLine(trouble.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }
}
