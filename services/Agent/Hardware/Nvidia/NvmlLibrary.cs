using System.Runtime.InteropServices;
using System.Text;

namespace ComputeExchange.Agent.Hardware.Nvidia;

/// <summary>NVIDIA's management library, function by function; one that an old driver lacks answers FunctionNotFound.</summary>
sealed unsafe class NvmlLibrary(DriverLibrary library) : IDisposable
{
    /// <summary>The most links a GPU can have (<c>NVML_NVLINK_MAX_LINKS</c>).</summary>
    public const uint LinksMax = 18;

    private const int TextLength = 96;
    private const uint MigEnabled = 1;
    private const uint RemoteIsSwitch = 2;
    private const uint TemperatureOfGpu = 0;
    private const uint UncorrectedErrors = 1;
    private const uint SinceDriverLoad = 0;
    private const ulong CriticalXid = 8;
    private const ulong NotAvailable = ulong.MaxValue;

    public NvmlResult Init()
    {
        var function = (delegate* unmanaged[Cdecl]<NvmlResult>)library.Find("nvmlInit_v2");
        return function == null ? NvmlResult.FunctionNotFound : function();
    }

    public NvmlResult Shutdown()
    {
        var function = (delegate* unmanaged[Cdecl]<NvmlResult>)library.Find("nvmlShutdown");
        return function == null ? NvmlResult.FunctionNotFound : function();
    }

    /// <summary>What the library itself says of a result.</summary>
    public string Describe(NvmlResult result)
    {
        var function = (delegate* unmanaged[Cdecl]<NvmlResult, byte*>)library.Find("nvmlErrorString");
        var text = function == null ? null : Marshal.PtrToStringUTF8((nint)function(result));
        return string.IsNullOrEmpty(text) ? $"NVML error {(int)result}" : $"{text} (NVML error {(int)result})";
    }

    public string DriverVersion()
    {
        var function = (delegate* unmanaged[Cdecl]<byte*, uint, NvmlResult>)library.Find("nvmlSystemGetDriverVersion");
        var text = stackalloc byte[TextLength];
        return function != null && function(text, TextLength) == NvmlResult.Success ? ToText(new ReadOnlySpan<byte>(text, TextLength)) : "";
    }

    /// <summary>The newest CUDA that the driver knows, for example 12.4; empty where it does not say.</summary>
    public string CudaVersion()
    {
        var function = (delegate* unmanaged[Cdecl]<int*, NvmlResult>)library.Find("nvmlSystemGetCudaDriverVersion_v2");
        int version;
        return function != null && function(&version) == NvmlResult.Success ? $"{version / 1000}.{version % 1000 / 10}" : "";
    }

    public NvmlResult Count(out uint count)
    {
        count = 0;
        var function = (delegate* unmanaged[Cdecl]<uint*, NvmlResult>)library.Find("nvmlDeviceGetCount_v2");
        fixed (uint* to = &count) return function == null ? NvmlResult.FunctionNotFound : function(to);
    }

    public NvmlResult Handle(uint index, out nint device)
    {
        device = 0;
        var function = (delegate* unmanaged[Cdecl]<uint, nint*, NvmlResult>)library.Find("nvmlDeviceGetHandleByIndex_v2");
        fixed (nint* to = &device) return function == null ? NvmlResult.FunctionNotFound : function(index, to);
    }

    public NvmlResult Name(nint device, out string name) => Text("nvmlDeviceGetName", device, out name);

    public NvmlResult Uuid(nint device, out string uuid) => Text("nvmlDeviceGetUUID", device, out uuid);

    public NvmlResult Memory(nint device, out NvmlMemory memory)
    {
        memory = default;
        var function = (delegate* unmanaged[Cdecl]<nint, NvmlMemory*, NvmlResult>)library.Find("nvmlDeviceGetMemoryInfo");
        fixed (NvmlMemory* to = &memory) return function == null ? NvmlResult.FunctionNotFound : function(device, to);
    }

    public NvmlResult Pci(nint device, out string busId, out uint deviceId)
    {
        var function = (delegate* unmanaged[Cdecl]<nint, NvmlPciInfo*, NvmlResult>)library.Find("nvmlDeviceGetPciInfo_v3");
        NvmlPciInfo info = default;
        var result = function == null ? NvmlResult.FunctionNotFound : function(device, &info);
        busId = result == NvmlResult.Success ? ToText(info.BusId) : "";
        deviceId = result == NvmlResult.Success ? info.PciDeviceId : 0;
        return result;
    }

    public bool IsMig(nint device)
    {
        var function = (delegate* unmanaged[Cdecl]<nint, uint*, uint*, NvmlResult>)library.Find("nvmlDeviceGetMigMode");
        uint current, pending;
        return function != null && function(device, &current, &pending) == NvmlResult.Success && current == MigEnabled;
    }

    /// <summary>The UUIDs of the parts that a GPU is split into.</summary>
    public List<string> MigInstances(nint device)
    {
        var instances = new List<string>();
        var function = (delegate* unmanaged[Cdecl]<nint, uint, nint*, NvmlResult>)library.Find("nvmlDeviceGetMigDeviceHandleByIndex");
        if (function == null || Number("nvmlDeviceGetMaxMigDeviceCount", device, out var count) != NvmlResult.Success) return instances;
        for (var index = 0u; index < count; index++)
        {
            // Places may be empty.
            nint instance;
            if (function(device, index, &instance) == NvmlResult.Success && Uuid(instance, out var uuid) == NvmlResult.Success) instances.Add(uuid);
        }
        return instances;
    }

    public bool IsLinkUp(nint device, uint link)
    {
        var function = (delegate* unmanaged[Cdecl]<nint, uint, uint*, NvmlResult>)library.Find("nvmlDeviceGetNvLinkState");
        uint state;
        return function != null && function(device, link, &state) == NvmlResult.Success && state == 1;
    }

    /// <summary>The PCI address at the other end of a link; empty where the driver does not say.</summary>
    public string LinkRemote(nint device, uint link)
    {
        var function = (delegate* unmanaged[Cdecl]<nint, uint, NvmlPciInfo*, NvmlResult>)library.Find("nvmlDeviceGetNvLinkRemotePciInfo_v2");
        NvmlPciInfo info = default;
        return function != null && function(device, link, &info) == NvmlResult.Success ? ToText(info.BusId) : "";
    }

    public bool IsLinkToSwitch(nint device, uint link)
    {
        var function = (delegate* unmanaged[Cdecl]<nint, uint, uint*, NvmlResult>)library.Find("nvmlDeviceGetNvLinkRemoteDeviceType");
        uint kind;
        return function != null && function(device, link, &kind) == NvmlResult.Success && kind == RemoteIsSwitch;
    }

    public NvmlResult Temperature(nint device, out uint celsius)
    {
        celsius = 0;
        var function = (delegate* unmanaged[Cdecl]<nint, uint, uint*, NvmlResult>)library.Find("nvmlDeviceGetTemperature");
        fixed (uint* to = &celsius) return function == null ? NvmlResult.FunctionNotFound : function(device, TemperatureOfGpu, to);
    }

    public NvmlResult Power(nint device, out uint milliwatts) => Number("nvmlDeviceGetPowerUsage", device, out milliwatts);

    public NvmlResult PowerLimit(nint device, out uint milliwatts) => Number("nvmlDeviceGetPowerManagementLimit", device, out milliwatts);

    public NvmlResult Utilisation(nint device, out NvmlUtilization utilisation)
    {
        utilisation = default;
        var function = (delegate* unmanaged[Cdecl]<nint, NvmlUtilization*, NvmlResult>)library.Find("nvmlDeviceGetUtilizationRates");
        fixed (NvmlUtilization* to = &utilisation) return function == null ? NvmlResult.FunctionNotFound : function(device, to);
    }

    /// <summary>Memory errors since the driver was loaded that could not be corrected.</summary>
    public NvmlResult UncorrectedErrorCount(nint device, out ulong count)
    {
        count = 0;
        var function = (delegate* unmanaged[Cdecl]<nint, uint, uint, ulong*, NvmlResult>)library.Find("nvmlDeviceGetTotalEccErrors");
        fixed (ulong* to = &count) return function == null ? NvmlResult.FunctionNotFound : function(device, UncorrectedErrors, SinceDriverLoad, to);
    }

    /// <summary>The processes that compute on a GPU.</summary>
    public NvmlResult Processes(nint device, out List<GpuProcess> processes)
    {
        foreach (var name in (ReadOnlySpan<string>)["nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2"])
            if (library.Find(name) != 0)
                return List(name, device, out processes, (NvmlProcess process) => ToProcess(process.ProcessId, process.UsedGpuMemory));
        return List("nvmlDeviceGetComputeRunningProcesses", device, out processes, (NvmlProcessV1 process) => ToProcess(process.ProcessId, process.UsedGpuMemory));
    }

    /// <summary>Begins to hear of critical errors; zero where that cannot be.</summary>
    public nint EventSet()
    {
        var function = (delegate* unmanaged[Cdecl]<nint*, NvmlResult>)library.Find("nvmlEventSetCreate");
        nint set;
        return function != null && function(&set) == NvmlResult.Success ? set : 0;
    }

    public void FreeEventSet(nint set)
    {
        var function = (delegate* unmanaged[Cdecl]<nint, NvmlResult>)library.Find("nvmlEventSetFree");
        if (function != null) _ = function(set);
    }

    public NvmlResult Register(nint device, nint set)
    {
        var function = (delegate* unmanaged[Cdecl]<nint, ulong, nint, NvmlResult>)library.Find("nvmlDeviceRegisterEvents");
        return function == null ? NvmlResult.FunctionNotFound : function(device, CriticalXid, set);
    }

    /// <summary>The next critical error that happened, without waiting for one.</summary>
    public bool NextXid(nint set, out nint device, out ulong xid)
    {
        var function = (delegate* unmanaged[Cdecl]<nint, NvmlEvent*, uint, NvmlResult>)library.Find("nvmlEventSetWait_v2");
        NvmlEvent happened = default;
        var isOne = function != null && function(set, &happened, 0) == NvmlResult.Success;
        (device, xid) = (happened.Device, happened.EventData);
        return isOne;
    }

    public void Dispose() => library.Dispose();

    private NvmlResult Text(string name, nint device, out string value)
    {
        var function = (delegate* unmanaged[Cdecl]<nint, byte*, uint, NvmlResult>)library.Find(name);
        var text = stackalloc byte[TextLength];
        var result = function == null ? NvmlResult.FunctionNotFound : function(device, text, TextLength);
        value = result == NvmlResult.Success ? ToText(new ReadOnlySpan<byte>(text, TextLength)) : "";
        return result;
    }

    private NvmlResult Number(string name, nint device, out uint value)
    {
        value = 0;
        var function = (delegate* unmanaged[Cdecl]<nint, uint*, NvmlResult>)library.Find(name);
        fixed (uint* to = &value) return function == null ? NvmlResult.FunctionNotFound : function(device, to);
    }

    private NvmlResult List<T>(string name, nint device, out List<GpuProcess> processes, Func<T, GpuProcess> read) where T : unmanaged
    {
        processes = [];
        var function = (delegate* unmanaged[Cdecl]<nint, uint*, T*, NvmlResult>)library.Find(name);
        if (function == null) return NvmlResult.FunctionNotFound;
        // Asked again with more room if there are more of them, or more by then.
        for (var room = 64u; ; room *= 2)
        {
            var found = new T[room];
            var count = room;
            NvmlResult result;
            fixed (T* to = found) result = function(device, &count, to);
            if (result == NvmlResult.InsufficientSize && room < 65_536) continue;
            if (result == NvmlResult.Success) processes = [.. found.Take((int)Math.Min(count, room)).Select(read)];
            return result;
        }
    }

    private static GpuProcess ToProcess(uint processId, ulong memory) => new((int)processId, memory == NotAvailable ? 0 : (long)memory);

    private static string ToText(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).Trim();
    }
}
