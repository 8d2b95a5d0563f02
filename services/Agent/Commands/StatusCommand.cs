using System.CommandLine;
using System.Globalization;
using ComputeExchange.Agent.Deliveries;
using ComputeExchange.Agent.Identity;
using ComputeExchange.Agent.State;
using ComputeExchange.ProviderRegistry.V1;

namespace ComputeExchange.Agent.Commands;

/// <summary><c>cx-agent status</c>: which node this is, whether its agent runs and is connected, and its deliveries. Exit code 1 if it does not run or is not connected.</summary>
static class StatusCommand
{
    public static Command Make()
    {
        var command = new Command("status", "Shows which node this host is, whether its agent runs and is connected, and its deliveries.") { StateWords.State };
        command.SetAction(parsed => Run(parsed.GetValue(StateWords.State)!, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string folder, TextWriter output, TextWriter error)
    {
        try
        {
            if (!Directory.Exists(folder)) throw new AgentTroubleException($"{folder} is not there: this host is no node. Enrol it with `cx-agent enrol`.");
            var state = StateFolder.Open(folder);
            var node = NodeFile.Find(state) ?? throw new AgentTroubleException("This host is no node yet. Enrol it with `cx-agent enrol`.");
            var runs = state.IsTaken();
            var link = runs && File.Exists(state.LinkFile) ? File.ReadAllText(state.LinkFile) : "the agent does not run";
            output.WriteLine($"node       {node.NodeId} {node.Name}");
            output.WriteLine($"market     {node.Market}{(node.InventoryFile is null ? "" : " (simulated)")}");
            output.WriteLine($"exchange   {node.Exchange}");
            output.WriteLine($"agent      {(runs ? "runs" : "does not run")}");
            output.WriteLine($"link       {link}");
            foreach (var delivery in DeliveryState.All(state))
            {
                var wanted = DesiredDelivery.Parser.ParseFrom(delivery.Wanted);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"delivery   {delivery.DeliveryId} {delivery.Phase} {wanted.GpuUuids.Count} GPUs {wanted.FromTime.ToDateTimeOffset():yyyy-MM-ddTHH:mmZ} to {wanted.ToTime.ToDateTimeOffset():yyyy-MM-ddTHH:mmZ} {delivery.Runner}"));
            }
            return runs && link == "connected" ? 0 : 1;
        }
        catch (AgentTroubleException trouble)
        {
            error.WriteLine(trouble.Message);
            return 1;
        }
    }
}
