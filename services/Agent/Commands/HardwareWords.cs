using System.CommandLine;
using ComputeExchange.Agent.Hardware;

namespace ComputeExchange.Agent.Commands;

/// <summary>The options that say where hardware is looked for.</summary>
static class HardwareWords
{
    public static readonly Option<string?> Inventory = new("--inventory") { Description = "An inventory file that stands for the hardware: the node is simulated.", HelpName = "FILE", Recursive = true };
    public static readonly Option<string> WorkFolder = new("--work-folder") { Description = "The folder where workloads live.", DefaultValueFactory = _ => new HardwareSettings().WorkFolder, HelpName = "FOLDER", Recursive = true };
    public static readonly Option<string> Nvml = new("--nvml-library") { Description = "NVIDIA's management library.", DefaultValueFactory = _ => new HardwareSettings().NvmlLibrary, HelpName = "FILE", Recursive = true };
    public static readonly Option<string> Cuda = new("--cuda-library") { Description = "NVIDIA's CUDA driver library.", DefaultValueFactory = _ => new HardwareSettings().CudaLibrary, HelpName = "FILE", Recursive = true };

    /// <summary>All of them.</summary>
    public static IEnumerable<Option> All => [Inventory, WorkFolder, Nvml, Cuda];

    /// <summary>What they say.</summary>
    public static HardwareSettings Settings(ParseResult parsed) => new()
    {
        InventoryFile = parsed.GetValue(Inventory),
        WorkFolder = parsed.GetValue(WorkFolder)!,
        NvmlLibrary = parsed.GetValue(Nvml)!,
        CudaLibrary = parsed.GetValue(Cuda)!,
    };
}
