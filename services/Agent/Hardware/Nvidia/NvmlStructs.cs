using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ComputeExchange.Agent.Hardware.Nvidia;

// The layouts are those of nvml.h on 64-bit Linux; NvmlStructsTests holds them against a C compiler's.

/// <summary><c>nvmlMemory_t</c>: bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NvmlMemory
{
    public ulong Total;
    public ulong Free;
    public ulong Used;
}

/// <summary><c>nvmlUtilization_t</c>: percent.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NvmlUtilization
{
    public uint Gpu;
    public uint Memory;
}

/// <summary><c>nvmlPciInfo_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NvmlPciInfo
{
    public Text16 BusIdLegacy;
    public uint Domain;
    public uint Bus;
    public uint Device;
    public uint PciDeviceId;
    public uint PciSubSystemId;
    public Text32 BusId;

    /// <summary>16 bytes of text.</summary>
    [InlineArray(16)]
    public struct Text16
    {
        private byte _first;
    }

    /// <summary>32 bytes of text.</summary>
    [InlineArray(32)]
    public struct Text32
    {
        private byte _first;
    }
}

/// <summary><c>nvmlProcessInfo_v1_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NvmlProcessV1
{
    public uint ProcessId;
    public ulong UsedGpuMemory;
}

/// <summary><c>nvmlProcessInfo_v2_t</c>, which the functions ending in _v2 and _v3 fill.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NvmlProcess
{
    public uint ProcessId;
    public ulong UsedGpuMemory;
    public uint GpuInstanceId;
    public uint ComputeInstanceId;
}

/// <summary><c>nvmlEventData_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NvmlEvent
{
    public nint Device;
    public ulong EventType;
    public ulong EventData;
    public uint GpuInstanceId;
    public uint ComputeInstanceId;
}
