using ComputeExchange.Agent.Hardware;
using ComputeExchange.Values.Delivery;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Hardware;

public sealed class InventoryHardwareTests : IDisposable
{
    private const string FourH100 = """
        { "id": "lab", "gpus": [{ "name": "NVIDIA H100 80GB HBM3", "count": 4, "memory_mib": 81559, "pci_device_id": "233010de", "nvlink": true }] }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cx-inventory-");
    private DateTime _written = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private string File => Path.Combine(_folder.FullName, "node.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_example_is_a_whole_node_of_a_class_that_is_traded_and_passes_its_test()
    {
        using var hardware = HostHardware.Open(new HardwareSettings { InventoryFile = Path.Combine(AppContext.BaseDirectory, "examples", "simulated-8x-h100.json") });

        var inventory = hardware.Read();
        string[] uuids = [.. inventory.Gpus.Select(gpu => gpu.Uuid)];
        var report = hardware.Test(new SelfTestAsk("t", 5, uuids), CancellationToken.None);

        inventory.Gpus.Count.ShouldBe(8);
        inventory.Host.CpuCount.ShouldBe(128);
        inventory.Host.NetworkMbps.ShouldBe(100_000);
        var known = ProductClasses.OfNode([.. inventory.Gpus.Select(gpu => new ReportedGpu(gpu.Name, gpu.MemoryBytes, gpu.PciDeviceId, gpu.IsMig))]).Class!;
        known.Name.ShouldBe("H100-SXM-80GB");
        SelfTestNorms.Judge(known, report, 5, uuids).Failures.ShouldBeEmpty();
    }

    [Fact]
    public void A_node_from_a_file_is_marked_as_simulated()
    {
        using var hardware = Open(FourH100);

        hardware.Origin.ShouldBe("inventory");
        hardware.IsSimulated.ShouldBeTrue();
        hardware.Read().IsSimulated.ShouldBeTrue();
        hardware.Read().Gpus.ShouldAllBe(gpu => gpu.Uuid.StartsWith("SIM-"));
    }

    [Fact]
    public void The_same_file_names_the_same_GPUs_and_another_node_others()
    {
        var first = Uuids(FourH100);
        var again = Uuids(FourH100);
        var other = Uuids(FourH100.Replace("lab", "lab-2"));

        again.ShouldBe(first);
        first.Union(other).Count().ShouldBe(8);

        string[] Uuids(string text)
        {
            using var hardware = Open(text);
            return [.. hardware.Read().Gpus.Select(gpu => gpu.Uuid)];
        }
    }

    [Fact]
    public void What_is_changed_in_the_file_happens_while_the_agent_runs()
    {
        using var hardware = Open(FourH100);
        hardware.Sample().ShouldAllBe(sample => sample.IsHealthy && sample.Processes.Count == 0);

        Write(FourH100.Replace("\"id\"", "\"lost\": [2], \"busy_by_owner\": [0], \"id\""));
        var samples = hardware.Sample();

        samples[2].IsHealthy.ShouldBeFalse();
        samples[0].Processes.ShouldNotBeEmpty();
        samples[0].UtilisationPercent.ShouldBe(100);
        samples[1].IsHealthy.ShouldBeTrue();
        hardware.Read().Troubles.ShouldHaveSingleItem().ShouldStartWith("GPU 2:");

        Write(FourH100);
        hardware.Sample().ShouldAllBe(sample => sample.IsHealthy && sample.Processes.Count == 0);
    }

    [Fact]
    public void A_change_that_cannot_be_read_changes_nothing_and_is_told()
    {
        using var hardware = Open(FourH100);

        Write("{ \"id\": \"lab\", ");
        hardware.Sample().Count.ShouldBe(4);
        hardware.Read().Troubles.ShouldHaveSingleItem().ShouldContain("what it said before holds");

        Write(FourH100);
        hardware.Read().Troubles.ShouldBeEmpty();
    }

    [Fact]
    public void A_file_can_tell_of_a_node_that_fails_its_test()
    {
        using var hardware = Open(FourH100.Replace("\"id\"", "\"self_test\": { \"speed_thousandths\": 500, \"wrong_digest\": [1] }, \"lost\": [3], \"id\""));
        string[] uuids = [.. hardware.Read().Gpus.Select(gpu => gpu.Uuid)];

        var verdict = SelfTestNorms.Judge(ProductClasses.Find("H100-SXM-80GB")!, hardware.Test(new SelfTestAsk("t", 5, uuids), CancellationToken.None), 5, uuids);

        verdict.Failures.Where(failure => failure.Fault == SelfTestFault.TooSlow).Select(failure => failure.GpuIndex).Distinct().ShouldBe([0, 1, 2]);
        verdict.Failures.Where(failure => failure.Fault == SelfTestFault.WrongDigest).Select(failure => failure.GpuIndex).ShouldBe([1]);
        verdict.Failures.Where(failure => failure.Fault == SelfTestFault.GpuNotTested).Select(failure => failure.GpuIndex).ShouldBe([3]);
    }

    [Theory]
    [InlineData("{}", "id is missing")]
    [InlineData("[]", "the file must be an object")]
    [InlineData("{ \"id\": \"a\" }", "gpus must be a list")]
    [InlineData("{ \"id\": \"a\", \"gpus\": [] }", "gpus holds 0 GPUs: from 1 to 64")]
    [InlineData("{ \"id\": \"a\", \"gpus\": [{ \"memory_mib\": 1 }] }", "gpus[0].name is missing")]
    [InlineData("{ \"id\": \"a\", \"gpus\": [{ \"name\": \"x\" }] }", "gpus[0].memory_mib is missing")]
    [InlineData("{ \"id\": \"a\", \"gpus\": [{ \"name\": \"x\", \"memory_mib\": 1.5 }] }", "gpus[0].memory_mib must be a whole number")]
    [InlineData("{ \"id\": \"a\", \"gpus\": [{ \"name\": \"x\", \"memory_mib\": 1, \"count\": 65 }] }", "gpus[0].count is 65: it must be from 1 to 64")]
    [InlineData("{ \"id\": \"a\", \"gpus\": [{ \"name\": \"x\", \"memory_mib\": 1, \"pci_device_id\": \"H100\" }] }", "gpus[0].pci_device_id is 'H100'")]
    [InlineData("{ \"id\": \"a\", \"gpus\": [{ \"name\": \"x\", \"memory_mib\": 1, \"memory\": 1 }] }", "gpus[0].memory is not known")]
    [InlineData("{ \"id\": \"a\", \"gpus\": [{ \"name\": \"x\", \"memory_mib\": 1, \"count\": 2, \"uuid\": \"u\" }] }", "gpus[0].uuid names one GPU")]
    [InlineData("{ \"id\": \"a\", \"gpus\": [{ \"name\": \"x\", \"memory_mib\": 1 }], \"lost\": [1] }", "lost holds 1: it must be a list of GPU indices from 0 to 0")]
    [InlineData("{ \"id\": \"a\", \"gpus\": [{ \"name\": \"x\", \"memory_mib\": 1, \"mig\": 1 }] }", "gpus[0].mig must be true or false")]
    [InlineData("{ \"id\": \"a\", \"gpus\": [{ \"name\": \"x\", \"memory_mib\": 1 }], \"busy\": [0] }", "busy is not known")]
    [InlineData("{ \"id\": \"a\", \"gpus\": [{ \"name\": \"x\", \"memory_mib\": 1 }], \"host\": { \"cpus\": 4 } }", "host.cpus is not known")]
    [InlineData("{ \"id\": \"a\", \"id\": \"b\" }", "id stands there twice")]
    [InlineData("{\n \"id\": }", "line 2")]
    public void A_wrong_file_is_refused_by_the_name_of_the_field(string text, string sentence)
    {
        Write(text);

        var refused = Should.Throw<HardwareMissingException>(() => HostHardware.Open(new HardwareSettings { InventoryFile = File }));

        refused.Message.ShouldContain(File);
        refused.Message.ShouldContain(sentence);
    }

    [Fact]
    public void A_file_that_is_not_there_is_said_to_be_missing() =>
        Should.Throw<HardwareMissingException>(() => HostHardware.Open(new HardwareSettings { InventoryFile = "/nowhere/node.json" })).Message.ShouldContain("/nowhere/node.json");

    private IHardware Open(string text)
    {
        Write(text);
        return HostHardware.Open(new HardwareSettings { InventoryFile = File });
    }

    // The clock of files is coarse: each writing is a second after the one before.
    private void Write(string text)
    {
        System.IO.File.WriteAllText(File, text);
        System.IO.File.SetLastWriteTimeUtc(File, _written = _written.AddSeconds(1));
    }
}
