using ComputeExchange.Agent.Hardware;
using ComputeExchange.Values.Delivery;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Hardware;

/// <summary>The self-test as the agent makes it: in a process of its own, with kernels that the made-up driver computes from their PTX.</summary>
public class SelfTestTests
{
    private const ulong Seed = 0xC0FFEE_1234_5678;
    private const long EightMib = 8L << 20;

    [Fact]
    public void A_GPU_is_measured_at_the_speeds_that_it_has()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100 + "\ngpu 1 bandwidth 2500000000000\ngpu 1 flops 48000000000000");

        var report = Test(driver, "GPU-00000000-0000-4000-8000-000000000002", diskBytes: 1 << 20);

        report.Failure.ShouldBeEmpty();
        report.TestId.ShouldBe("t-1");
        report.DiskWriteBytesPerSecond.ShouldBePositive();
        report.DiskReadBytesPerSecond.ShouldBePositive();
        var gpu = report.Gpus.ShouldHaveSingleItem();
        gpu.Failure.ShouldBeEmpty();
        gpu.GpuIndex.ShouldBe(1);
        gpu.MemoryBytes.ShouldBe(EightMib);
        // What a kernel does besides costs the made-up driver some per cent, as it does a real one.
        gpu.MemoryBytesPerSecond.ShouldBeInRange(2_400_000_000_000, 2_500_000_000_000);
        gpu.OperationsPerSecond.ShouldBeInRange(43_000_000_000_000, 48_000_000_000_000);
        gpu.HostBytesPerSecond.ShouldBeInRange(312_000_000_000, 313_000_000_000);
        gpu.Digest.ShouldBe(ComputeCheck.Digest(Seed, EightMib));
        Directory.EnumerateFileSystemEntries(driver.WorkFolder).ShouldBeEmpty("nothing is left on the disk");
    }

    [Theory]
    [InlineData("gpu 0 lie 1")]
    [InlineData("gpu 0 overlap 1")]
    public void A_GPU_that_computes_wrong_or_does_not_keep_what_is_written_answers_another_digest(string does)
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100 + "\n" + does);

        var gpu = Test(driver, "GPU-00000000-0000-4000-8000-000000000001").Gpus.Single();

        gpu.Failure.ShouldBeEmpty();
        gpu.Digest.ShouldNotBe(ComputeCheck.Digest(Seed, gpu.MemoryBytes));
    }

    [Fact]
    public void A_GPU_with_less_memory_than_it_reports_is_found_out()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100 + "\ngpu 0 usable 5242880");

        var gpu = Test(driver, "GPU-00000000-0000-4000-8000-000000000001", limit: 5L << 20).Gpus.Single();

        // What the test itself holds is a part of the fifth.
        gpu.MemoryBytes.ShouldBe(4L << 20);
        gpu.Digest.ShouldBe(ComputeCheck.Digest(Seed, 4L << 20));
    }

    [Fact]
    public void A_GPU_that_cannot_be_tested_says_why_and_the_others_are_tested()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100 + "\ngpu 2 mig 1");

        var report = Test(driver, "GPU-00000000-0000-4000-8000-000000000003", "GPU-00000000-0000-4000-8000-00000000000f", "GPU-00000000-0000-4000-8000-000000000001");

        report.Failure.ShouldBeEmpty();
        report.Gpus[0].Failure.ShouldContain("MIG");
        report.Gpus[1].Failure.ShouldContain("not on this host");
        report.Gpus[2].Failure.ShouldBeEmpty();
    }

    [Fact]
    public void Without_the_CUDA_driver_the_test_says_so_and_is_failed()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100);
        using var hardware = HostHardware.Open(driver.Settings with { CudaLibrary = "/nowhere/libcuda.so.1" });
        var uuid = hardware.Read().Gpus[0].Uuid;

        var report = hardware.Test(new SelfTestAsk("t-2", Seed, [uuid]) { DiskBytes = 0, KernelMilliseconds = 0 }, CancellationToken.None);

        report.Failure.ShouldContain("/nowhere/libcuda.so.1");
        report.Failure.ShouldContain("install");
        var verdict = SelfTestNorms.Judge(ProductClasses.Find("H100-SXM-80GB")!, report, Seed, [uuid]);
        verdict.Passed.ShouldBeFalse();
        verdict.Failures.ShouldHaveSingleItem().Fault.ShouldBe(SelfTestFault.NotMade);
    }

    [Fact]
    public void A_test_process_that_dies_is_a_failure_and_no_crash()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100);
        using var hardware = HostHardware.Open(driver.Settings with { Program = "/bin/false" });

        hardware.Test(new SelfTestAsk("t-3", Seed, []), CancellationToken.None).Failure.ShouldContain("exit code 1");
    }

    [Fact]
    public async Task The_process_of_the_test_is_not_taken_for_the_owners_use_of_the_GPU()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100);
        Directory.CreateDirectory(driver.WorkFolder);
        var (program, begun, goOn) = (Path.Combine(driver.WorkFolder, "tester"), Path.Combine(driver.WorkFolder, "begun"), Path.Combine(driver.WorkFolder, "go-on"));
        await File.WriteAllTextAsync(program, $$"""
            #!/bin/sh
            echo $$ > {{begun}}.new && mv {{begun}}.new {{begun}}
            while [ ! -e {{goOn}} ]; do sleep 0.05; done
            echo '{ "test_id": "t-4", "gpus": [], "failure": "" }'
            """, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var hardware = HostHardware.Open(driver.Settings with { Program = program });

        var test = Task.Run(() => hardware.Test(new SelfTestAsk("t-4", Seed, []), CancellationToken.None), TestContext.Current.CancellationToken);
        while (!File.Exists(begun)) await Task.Delay(10, TestContext.Current.CancellationToken);
        var tester = (await File.ReadAllTextAsync(begun, TestContext.Current.CancellationToken)).Trim();
        driver.Play(FakeDriver.EightH100 + $"\ngpu 0 process {tester} 1000\ngpu 0 process 1 2000");
        var meanwhile = hardware.Sample()[0].Processes;
        await File.WriteAllTextAsync(goOn, "", TestContext.Current.CancellationToken);
        var report = await test;

        meanwhile.ShouldBe([new GpuProcess(1, 2_000)]);
        report.Failure.ShouldBeEmpty();
        hardware.Sample()[0].Processes.Count.ShouldBe(2);
    }

    [Fact]
    public void A_test_that_is_cancelled_ends_its_process()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100);
        using var cancel = new CancellationTokenSource();
        Directory.CreateDirectory(driver.WorkFolder);
        var program = Path.Combine(driver.WorkFolder, "tester");
        File.WriteAllText(program, "#!/bin/sh\nexec sleep 600\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var hardware = HostHardware.Open(driver.Settings with { Program = program });

        cancel.CancelAfter(50);

        Should.Throw<OperationCanceledException>(() => hardware.Test(new SelfTestAsk("t-5", Seed, []), cancel.Token));
    }

    private static SelfTestReport Test(FakeDriver driver, params string[] uuids) => Run(driver, uuids, EightMib, 0);

    private static SelfTestReport Test(FakeDriver driver, string uuid, long limit = EightMib, long diskBytes = 0) => Run(driver, [uuid], limit, diskBytes);

    private static SelfTestReport Run(FakeDriver driver, string[] uuids, long limit, long diskBytes)
    {
        using var hardware = driver.Open();
        return hardware.Test(
            new SelfTestAsk("t-1", Seed, uuids) { MemoryLimitBytes = limit, DiskBytes = diskBytes, KernelMilliseconds = 0 }, TestContext.Current.CancellationToken);
    }
}
