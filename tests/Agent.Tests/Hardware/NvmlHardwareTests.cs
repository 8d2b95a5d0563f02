using ComputeExchange.Agent.Hardware;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Hardware;

public class NvmlHardwareTests
{
    [Fact]
    public void Eight_H100_on_a_board_are_found_with_all_that_they_report()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100);
        using var hardware = driver.Open();

        var inventory = hardware.Read();

        inventory.Origin.ShouldBe("nvml");
        inventory.IsSimulated.ShouldBeFalse();
        inventory.DriverVersion.ShouldBe("550.54.15");
        inventory.CudaVersion.ShouldBe("12.4");
        inventory.Troubles.ShouldBeEmpty();
        inventory.Gpus.Select(gpu => gpu.Index).ShouldBe(Enumerable.Range(0, 8));
        var third = inventory.Gpus[2];
        third.ShouldBe(new Gpu
        {
            Index = 2,
            Uuid = "GPU-00000000-0000-4000-8000-000000000003",
            Name = "NVIDIA H100 80GB HBM3",
            MemoryBytes = 85_520_809_984,
            PciBusId = "00000000:12:00.0",
            PciDeviceId = "233010DE",
            NvlinkPeers = third.NvlinkPeers,
            NvlinkCount = 18,
            MigInstances = third.MigInstances,
            PowerLimitMilliwatts = 700_000,
        });
        third.NvlinkPeers.ShouldBe([0, 1, 3, 4, 5, 6, 7]);
    }

    [Fact]
    public void GPUs_reach_those_that_they_are_linked_to_and_no_others()
    {
        using var driver = FakeDriver.With("""
            gpus 5
            all name NVIDIA A100-SXM4-80GB
            all links 4
            gpu 0 peers 1
            gpu 1 peers 0
            gpu 2 switch 1
            gpu 3 switch 1
            gpu 4 links 0
            """);
        using var hardware = driver.Open();

        var gpus = hardware.Read().Gpus;

        gpus.Select(gpu => gpu.NvlinkPeers.ToArray()).ShouldBe([[1], [0], [3], [2], []]);
        gpus.Select(gpu => gpu.NvlinkCount).ShouldBe([4, 4, 4, 4, 0]);
    }

    [Fact]
    public void A_sample_tells_how_each_GPU_does_and_who_computes_on_it()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100 + """

            gpu 1 temperature 64
            gpu 1 power 512000
            gpu 1 utilisation 97
            gpu 1 used 4294967296
            gpu 1 process 4711 4000000000
            gpu 1 process 4712 0
            """);
        using var hardware = driver.Open();

        var samples = hardware.Sample();

        samples.Count.ShouldBe(8);
        samples.ShouldAllBe(sample => sample.IsHealthy);
        samples[1].TemperatureCelsius.ShouldBe(64);
        samples[1].PowerMilliwatts.ShouldBe(512_000);
        samples[1].UtilisationPercent.ShouldBe(97);
        samples[1].MemoryUsedBytes.ShouldBe(4_294_967_296);
        samples[1].Processes.ShouldBe([new GpuProcess(4711, 4_000_000_000), new GpuProcess(4712, 0)]);
        samples[0].Processes.ShouldBeEmpty();
    }

    [Fact]
    public void More_processes_than_there_was_room_for_are_all_seen()
    {
        using var driver = FakeDriver.With("gpus 1\n" + string.Join('\n', Enumerable.Range(1, 100).Select(id => $"gpu 0 process {id} {id}000")));
        using var hardware = driver.Open();

        hardware.Sample().Single().Processes.Select(process => process.ProcessId).ShouldBe(Enumerable.Range(1, 100));
    }

    [Fact]
    public void An_old_driver_is_asked_only_for_what_it_has()
    {
        using var driver = FakeDriver.OldWith(FakeDriver.EightH100 + "\ngpu 0 process 12 345\ngpu 0 process 13 678\ngpu 0 mig 2\ngpu 0 xid 79");
        using var hardware = driver.Open();

        var gpus = hardware.Read().Gpus;

        gpus.Count.ShouldBe(8);
        gpus[0].IsMig.ShouldBeFalse();
        // It does not say what is at the other end of a link; that it is no GPU of this host is enough.
        gpus[0].NvlinkPeers.Count.ShouldBe(7);
        hardware.Sample()[0].Processes.ShouldBe([new GpuProcess(12, 345), new GpuProcess(13, 678)]);
        hardware.Sample().ShouldAllBe(sample => sample.IsHealthy);
    }

    [Fact]
    public void A_split_GPU_shows_its_parts()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100 + "\ngpu 5 mig 3");
        using var hardware = driver.Open();

        var gpus = hardware.Read().Gpus;

        gpus.Where(gpu => gpu.IsMig).ShouldHaveSingleItem().Index.ShouldBe(5);
        gpus[5].MigInstances.Count.ShouldBe(3);
        gpus[5].MigInstances[1].ShouldStartWith("MIG-1-");
        gpus[4].MigInstances.ShouldBeEmpty();
    }

    [Fact]
    public void A_GPU_that_is_lost_while_the_agent_runs_is_told_and_comes_back()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100);
        using var hardware = driver.Open();
        var uuid = hardware.Read().Gpus[3].Uuid;

        driver.Play(FakeDriver.EightH100 + "\ngpu 3 error 15");
        var atOnce = hardware.Sample()[3];
        var inventory = hardware.Read();
        var afterwards = hardware.Sample()[3];

        atOnce.IsHealthy.ShouldBeFalse();
        atOnce.Trouble.ShouldContain("GPU is lost");
        inventory.Gpus[3].Uuid.ShouldBe(uuid);
        inventory.Troubles.ShouldHaveSingleItem().ShouldStartWith("GPU 3: GPU is lost");
        afterwards.Uuid.ShouldBe(uuid);
        afterwards.Trouble.ShouldContain("GPU is lost");
        hardware.Sample().Count(sample => !sample.IsHealthy).ShouldBe(1);

        driver.Play(FakeDriver.EightH100);
        hardware.Read().Troubles.ShouldBeEmpty();
        hardware.Sample().ShouldAllBe(sample => sample.IsHealthy);
    }

    [Fact]
    public void A_GPU_that_was_lost_from_the_beginning_is_told_by_its_index()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100 + "\ngpu 6 error 16");
        using var hardware = driver.Open();

        hardware.Read().Gpus.Count.ShouldBe(7);
        var sample = hardware.Sample().Single(sample => !sample.IsHealthy);
        sample.Index.ShouldBe(6);
        sample.Uuid.ShouldBeEmpty();
        sample.Trouble.ShouldContain("requires reset");
    }

    [Fact]
    public void When_the_driver_numbers_anew_without_a_GPU_the_others_keep_their_numbers_here()
    {
        const string OfThree = "\ngpus 3";
        using var driver = FakeDriver.With(FakeDriver.EightH100 + OfThree);
        using var hardware = driver.Open();
        var before = hardware.Read().Gpus;

        // The first is gone; the driver's 0 and 1 are now the second and the third.
        driver.Play(FakeDriver.EightH100 + $"\ngpus 2\ngpu 0 uuid {before[1].Uuid}\ngpu 1 uuid {before[2].Uuid}\ngpu 1 temperature 77");
        var after = hardware.Read();

        after.Gpus.Select(gpu => (gpu.Index, gpu.Uuid)).ShouldBe(before.Select(gpu => (gpu.Index, gpu.Uuid)));
        after.Troubles.ShouldHaveSingleItem().ShouldStartWith("GPU 0:");
        var samples = hardware.Sample();
        samples[0].Trouble.ShouldContain("no longer there");
        samples[2].TemperatureCelsius.ShouldBe(77);
    }

    [Theory]
    [InlineData("gpu 2 ecc 4", "4 memory errors")]
    [InlineData("gpu 2 xid 79", "fallen off the bus")]
    [InlineData("gpu 2 xid 48", "uncorrectable")]
    public void A_GPU_whose_results_cannot_be_trusted_is_not_healthy(string happens, string trouble)
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100);
        using var hardware = driver.Open();
        hardware.Sample().ShouldAllBe(sample => sample.IsHealthy);

        driver.Play(FakeDriver.EightH100 + "\n" + happens);

        hardware.Sample()[2].Trouble.ShouldContain(trouble);
        hardware.Sample()[2].IsHealthy.ShouldBeFalse("it stays so until it is reset");
        hardware.Sample().Count(sample => !sample.IsHealthy).ShouldBe(1);
    }

    [Theory]
    [InlineData(13)]
    [InlineData(31)]
    [InlineData(43)]
    public void A_workload_that_crashes_does_not_make_its_GPU_unhealthy(int xid)
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100);
        using var hardware = driver.Open();

        driver.Play(FakeDriver.EightH100 + $"\ngpu 2 xid {xid}");

        hardware.Sample().ShouldAllBe(sample => sample.IsHealthy);
    }

    [Fact]
    public void A_driver_that_is_loaded_anew_is_found_again()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100);
        using var hardware = driver.Open();

        driver.Play(FakeDriver.EightH100 + "\ninit 9");
        hardware.Read().Troubles.ShouldHaveSingleItem().ShouldContain("Driver Not Loaded");
        hardware.Sample().Count.ShouldBe(8);
        hardware.Sample().ShouldAllBe(sample => !sample.IsHealthy);

        driver.Play(FakeDriver.EightH100);
        hardware.Read().Troubles.ShouldBeEmpty();
        hardware.Sample().ShouldAllBe(sample => sample.IsHealthy);
    }

    [Fact]
    public void A_host_without_the_driver_says_what_is_missing()
    {
        var missing = Should.Throw<HardwareMissingException>(() => HostHardware.Open(new HardwareSettings { NvmlLibrary = "/nowhere/libnvidia-ml.so.1" }));

        missing.Message.ShouldContain("/nowhere/libnvidia-ml.so.1");
        missing.Message.ShouldContain("install the NVIDIA driver");
        missing.Message.ShouldContain("--inventory");
    }

    [Theory]
    [InlineData(9, "not loaded")]
    [InlineData(18, "start the host again")]
    [InlineData(4, "/dev/nvidia")]
    [InlineData(999, "NVML error 999")]
    public void A_driver_that_does_not_start_says_what_to_do(int answer, string sentence)
    {
        using var driver = FakeDriver.With($"init {answer}");

        Should.Throw<HardwareMissingException>(driver.Open).Message.ShouldContain(sentence);
    }

    [Fact]
    public void A_host_without_a_GPU_has_none()
    {
        using var driver = FakeDriver.With("driver 550.54.15\ngpus 0");
        using var hardware = driver.Open();

        hardware.Read().Gpus.ShouldBeEmpty();
        hardware.Read().Troubles.ShouldHaveSingleItem().ShouldContain("no GPU");
        hardware.Sample().ShouldBeEmpty();
    }
}
