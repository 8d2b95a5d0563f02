using System.CommandLine;
using ComputeExchange.Agent.Hardware;
using ComputeExchange.Agent.Identity;
using ComputeExchange.Agent.Link;
using ComputeExchange.Agent.State;

namespace ComputeExchange.Agent.Commands;

/// <summary><c>cx-agent enrol</c>: makes this host a node.</summary>
static class EnrolCommand
{
    private static readonly Option<string> Exchange = new("--exchange") { Description = "Where the exchange listens for agents, for example https://exchange.example:5100.", Required = true, HelpName = "ADDRESS" };
    private static readonly Option<string> Token = new("--token") { Description = "The one-time token; or the environment's CX_ENROLMENT_TOKEN, which nobody sees in a list of processes.", HelpName = "TOKEN" };
    private static readonly Option<string> Address = new("--public-address") { Description = "The address by which buyers reach this host; without it, the one by which it reaches the exchange.", DefaultValueFactory = _ => "", HelpName = "HOST" };

    public static Command Make()
    {
        var command = new Command("enrol", "Makes this host a node: makes its key, and tells the exchange what is there.") { Exchange, Token, Address, StateWords.State };
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken cancel)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        try
        {
            if (!Uri.TryCreate(parsed.GetValue(Exchange), UriKind.Absolute, out var exchange) || exchange.Scheme != "https")
                throw new AgentTroubleException($"--exchange '{parsed.GetValue(Exchange)}' is not an https address such as https://exchange.example:5100.");
            var token = parsed.GetValue(Token) ?? Environment.GetEnvironmentVariable("CX_ENROLMENT_TOKEN")
                ?? throw new AgentTroubleException("Give the one-time token: --token cxn_…, or CX_ENROLMENT_TOKEN in the environment.");
            var state = StateFolder.Open(parsed.GetValue(StateWords.State)!);
            var settings = HardwareWords.Settings(parsed) with { WorkFolder = state.Location };
            var node = await Enrolment.Enrol(state, exchange, token, parsed.GetValue(Address)!, settings, new HostLog(error, TimeProvider.System), TimeProvider.System, cancel);
            output.WriteLine($"node {node.NodeId} {node.Market} {node.Name}");
            error.WriteLine($"Enrolled. Start it with: cx-agent run --state {state.Location}");
            return 0;
        }
        catch (Exception trouble) when (trouble is AgentTroubleException or HardwareMissingException)
        {
            error.WriteLine(trouble.Message);
            return 1;
        }
    }
}
