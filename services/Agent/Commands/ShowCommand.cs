using System.CommandLine;
using System.Text.Json;
using ComputeExchange.Agent.Hardware;
using ComputeExchange.Agent.Output;
using ComputeExchange.Values.Delivery;

namespace ComputeExchange.Agent.Commands;

/// <summary><c>cx-agent show</c>: what is there and how it does.</summary>
static class ShowCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "As one JSON document." };

    public static Command Make()
    {
        var command = new Command("show", "Shows what this host has, and the class that it would be sold in.") { Json };
        command.SetAction(parsed => Run(HardwareWords.Settings(parsed), parsed.GetValue(Json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(HardwareSettings settings, bool asJson, TextWriter output, TextWriter error)
    {
        try
        {
            using var hardware = HostHardware.Open(settings);
            var inventory = hardware.Read();
            var decision = ClassOf(inventory);
            var found = new Found(inventory, hardware.Sample(), decision.Class?.Name ?? "", decision.Reason);
            if (asJson) output.WriteLine(JsonSerializer.Serialize(found, AgentJson.Default.Found));
            else FoundTable.Write(output, found);
            return 0;
        }
        catch (HardwareMissingException missing)
        {
            error.WriteLine(missing.Message);
            return 1;
        }
    }

    /// <summary>The class of what is there.</summary>
    public static ClassDecision ClassOf(Inventory inventory) =>
        ProductClasses.OfNode([.. inventory.Gpus.Select(gpu => new ReportedGpu(gpu.Name, gpu.MemoryBytes, gpu.PciDeviceId, gpu.IsMig))]);
}
