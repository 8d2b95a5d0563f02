using System.Runtime.InteropServices;
using ComputeExchange.Agent.Hardware.Nvidia;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Hardware;

public unsafe class NvmlStructsTests
{
    [Fact]
    public void Structs_lie_in_memory_as_a_C_compiler_lays_them()
    {
        using var driver = FakeDriver.With("gpus 0");
        var library = NativeLibrary.Load(driver.Nvml);
        var inC = new ReadOnlySpan<int>((int*)NativeLibrary.GetExport(library, "layout"), 14);

        inC.ToArray().ShouldBe(
        [
            sizeof(NvmlMemory), Offset<NvmlMemory>("Used"),
            sizeof(NvmlUtilization), Offset<NvmlUtilization>("Memory"),
            sizeof(NvmlPciInfo), Offset<NvmlPciInfo>("PciDeviceId"), Offset<NvmlPciInfo>("BusId"),
            sizeof(NvmlProcessV1), Offset<NvmlProcessV1>("UsedGpuMemory"),
            sizeof(NvmlProcess), Offset<NvmlProcess>("ComputeInstanceId"),
            sizeof(NvmlEvent), Offset<NvmlEvent>("EventData"), Offset<NvmlEvent>("ComputeInstanceId"),
        ]);
        // By NVIDIA's nvml.h, for the case that the C file is wrong too.
        inC.ToArray().ShouldBe([24, 16, 8, 4, 68, 28, 36, 16, 8, 24, 20, 32, 16, 28]);
    }

    private static int Offset<T>(string field) => (int)Marshal.OffsetOf<T>(field);
}
