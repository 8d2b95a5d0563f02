using System.CommandLine;
using System.Text.Json;
using ComputeExchange.Agent.Hardware;
using ComputeExchange.Agent.Hardware.Testing;
using ComputeExchange.Agent.Output;
using ComputeExchange.Values.Delivery;

namespace ComputeExchange.Agent.Commands;

/// <summary><c>cx-agent test</c>: measures the host and its GPUs; the running agent starts it for the tests that it is asked for.</summary>
static class TestCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "As one JSON document." };
    private static readonly Option<string> TestId = new("--test-id") { Description = "What the test is called.", DefaultValueFactory = _ => "" };
    private static readonly Option<ulong> Seed = new("--seed") { Description = "What the compute check begins with.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string[]> Gpus = new("--gpu") { Description = "A GPU's UUID; may be repeated. Without one, all are tested.", HelpName = "UUID" };
    private static readonly Option<bool> NoGpu = new("--no-gpu") { Description = "Tests only the host." };
    private static readonly Option<long> MemoryLimit = new("--memory-limit") { Description = "The most memory that is taken of a GPU, bytes; 0: all that is free." };
    private static readonly Option<long> DiskBytes = new("--disk-bytes") { Description = "How much is written to disk and read, bytes; 0: none.", DefaultValueFactory = _ => 256L << 20 };
    private static readonly Option<int> Milliseconds = new("--kernel-milliseconds") { Description = "How long a timed kernel runs at least.", DefaultValueFactory = _ => 50 };

    public static Command Make()
    {
        var command = new Command("test", "Measures this host and its GPUs, which must be free.") { Json, TestId, Seed, Gpus, NoGpu, MemoryLimit, DiskBytes, Milliseconds };
        command.SetAction((parsed, cancel) => Task.FromResult(Run(parsed, cancel)));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancel)
    {
        var (settings, output) = (HardwareWords.Settings(parsed), parsed.InvocationConfiguration.Output);
        try
        {
            using var hardware = HostHardware.Open(settings);
            var inventory = hardware.Read();
            IReadOnlyList<string> named = parsed.GetValue(Gpus) is { Length: > 0 } some ? some : [.. inventory.Gpus.Select(gpu => gpu.Uuid)];
            var ask = new SelfTestAsk(parsed.GetValue(TestId)!, parsed.GetValue(Seed), parsed.GetValue(NoGpu) ? [] : named)
            {
                MemoryLimitBytes = parsed.GetValue(MemoryLimit),
                DiskBytes = parsed.GetValue(DiskBytes),
                KernelMilliseconds = parsed.GetValue(Milliseconds),
            };
            var report = hardware.IsSimulated ? hardware.Test(ask, cancel) : HostTest.Run(settings, inventory.Gpus, ask, cancel);
            if (parsed.GetValue(Json)) output.WriteLine(JsonSerializer.Serialize(report, AgentJson.Default.SelfTestReport));
            else TestTable.Write(output, report, ShowCommand.ClassOf(inventory).Class is { } known ? SelfTestNorms.Judge(known, report, ask.Seed, [.. ask.GpuUuids]) : null);
            return 0;
        }
        catch (HardwareMissingException missing)
        {
            parsed.InvocationConfiguration.Error.WriteLine(missing.Message);
            return 1;
        }
    }
}
