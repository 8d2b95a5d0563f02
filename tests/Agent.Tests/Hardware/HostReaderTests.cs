using ComputeExchange.Agent.Hardware;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Hardware;

public sealed class HostReaderTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("cx-host-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void A_host_tells_what_it_is()
    {
        Put("proc/cpuinfo", "processor\t: 0\nmodel name\t: AMD EPYC 9554\n\nprocessor\t: 1\nmodel name\t: AMD EPYC 9554\n");
        Put("proc/meminfo", "MemTotal:       24567890 kB\nMemFree: 1 kB\n");
        Put("proc/sys/kernel/osrelease", "6.8.0-45-generic\n");
        Put("proc/sys/kernel/random/boot_id", "0f9d6f0e-5a3b-4f5c-9a4e-000000000001\n");
        Put("etc/os-release", "NAME=\"Ubuntu\"\nPRETTY_NAME=\"Ubuntu 24.04.1 LTS\"\n");
        Put("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        Interface("eth0", "up", "100000", isDevice: true);
        Interface("eth1", "down", "-1", isDevice: true);
        Interface("eth2", "up", "-1", isDevice: true);
        Interface("docker0", "up", "10000", isDevice: false);

        var host = Read();

        host.System.ShouldBe("Linux 6.8.0-45-generic, Ubuntu 24.04.1 LTS");
        host.CpuModel.ShouldBe("AMD EPYC 9554");
        host.CpuCount.ShouldBe(2);
        host.MemoryBytes.ShouldBe(24_567_890L * 1_024);
        host.BootId.ShouldBe("0f9d6f0e-5a3b-4f5c-9a4e-000000000001");
        host.Links.ShouldBe([new NetworkLink("eth0", 100_000), new NetworkLink("eth2", 0)]);
        host.NetworkMbps.ShouldBe(100_000);
        host.DiskBytes.ShouldBePositive();
        host.DiskFreeBytes.ShouldBeInRange(1, host.DiskBytes);
        host.AgentVersion.ShouldNotBeEmpty();
    }

    [Fact]
    public void The_machines_id_is_not_told_and_still_tells_machines_apart()
    {
        Put("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        var first = Read().MachineHash;
        Put("etc/machine-id", "fedcba9876543210fedcba9876543210\n");

        first.Length.ShouldBe(64);
        first.ShouldNotContain("0123456789abcdef0123456789abcdef");
        Read().MachineHash.ShouldNotBe(first);
    }

    [Fact]
    public void A_host_that_tells_nothing_is_no_failure()
    {
        var host = Read();

        host.System.ShouldBeEmpty();
        host.CpuCount.ShouldBe(0);
        host.MachineHash.ShouldBeEmpty();
        host.NetworkMbps.ShouldBe(0);
    }

    private HostFacts Read() => HostReader.Read(new HardwareSettings { SystemRoot = _root.FullName, WorkFolder = Path.Combine(_root.FullName, "not", "there", "yet") });

    private void Interface(string name, string state, string speed, bool isDevice)
    {
        Put($"sys/class/net/{name}/operstate", state + "\n");
        Put($"sys/class/net/{name}/speed", speed + "\n");
        if (isDevice) Directory.CreateDirectory(Path.Combine(_root.FullName, $"sys/class/net/{name}/device"));
    }

    private void Put(string path, string text)
    {
        var file = new FileInfo(Path.Combine(_root.FullName, path));
        file.Directory!.Create();
        File.WriteAllText(file.FullName, text);
    }
}
