using ComputeExchange.Agent.Hardware.Nvidia;
using ComputeExchange.Agent.Hardware.Testing;
using ComputeExchange.Values.Delivery;

namespace ComputeExchange.Agent.Hardware;

/// <summary>What NVIDIA's driver says of this host.</summary>
sealed class NvmlHardware : IHardware
{
    /// <summary>The word for it.</summary>
    public const string OriginName = "nvml";

    /// <summary>Critical errors (Xid) after which results of a GPU cannot be trusted, or it does not answer, until it is reset; others are the workload's own.</summary>
    private static readonly Dictionary<ulong, string> CriticalXids = new()
    {
        [48] = "an uncorrectable memory error",
        [61] = "an internal error",
        [62] = "an internal error",
        [64] = "a memory row that could not be replaced",
        [74] = "an NVLink error",
        [79] = "it has fallen off the bus",
        [95] = "an uncontained memory error",
        [119] = "its system processor does not answer",
        [120] = "its system processor failed",
        [140] = "a memory error that was not recovered",
    };

    private readonly Lock _turn = new();
    private readonly NvmlLibrary _nvml;
    private readonly HardwareSettings _settings;
    private readonly Dictionary<string, Known> _known = [];
    private readonly Dictionary<int, string> _unread = [];
    private nint _events;
    private volatile int _testProcess;

    private NvmlHardware(NvmlLibrary nvml, HardwareSettings settings)
    {
        _nvml = nvml;
        _settings = settings;
    }

    public string Origin => OriginName;

    public bool IsSimulated => false;

    /// <summary>Loads the library and finds the driver.</summary>
    /// <exception cref="HardwareMissingException">There is no library or no driver.</exception>
    public static NvmlHardware Open(HardwareSettings settings)
    {
        var library = DriverLibrary.Load(settings.NvmlLibrary) ?? throw new HardwareMissingException(
            $"NVIDIA's management library ({settings.NvmlLibrary}) is not on this host: install the NVIDIA driver, which brings it, or give an inventory file (--inventory FILE) for a simulated node.");
        var nvml = new NvmlLibrary(library);
        var result = nvml.Init();
        if (result != NvmlResult.Success)
        {
            var message = Missing(result, nvml);
            nvml.Dispose();
            throw new HardwareMissingException(message);
        }
        var hardware = new NvmlHardware(nvml, settings);
        hardware._events = nvml.EventSet();
        hardware.Read();
        return hardware;
    }

    public Inventory Read()
    {
        lock (_turn)
        {
            var troubles = new List<string>();
            Find(troubles);
            var gpus = _known.Values.Select(known => known.Gpu).OrderBy(gpu => gpu.Index).ToList();
            if (gpus.Count == 0 && troubles.Count == 0) troubles.Add("The driver knows no GPU.");
            return new Inventory(OriginName, gpus, _nvml.DriverVersion(), _nvml.CudaVersion(), HostReader.Read(_settings), troubles);
        }
    }

    public IReadOnlyList<GpuSample> Sample()
    {
        lock (_turn)
        {
            HearErrors();
            return [.. _known.Values.Select(Sample)
                .Concat(_unread.Select(unread => new GpuSample { Index = unread.Key, Uuid = "", Trouble = unread.Value }))
                .OrderBy(sample => sample.Index)];
        }
    }

    public SelfTestReport Test(SelfTestAsk ask, CancellationToken cancel)
    {
        try
        {
            return TestProcess.Run(_settings, ask, id => _testProcess = id, cancel);
        }
        finally
        {
            _testProcess = 0;
        }
    }

    public void Dispose()
    {
        lock (_turn)
        {
            if (_events != 0) _nvml.FreeEventSet(_events);
            _ = _nvml.Shutdown();
            _nvml.Dispose();
        }
    }

    private static string Missing(NvmlResult result, NvmlLibrary nvml) => result switch
    {
        NvmlResult.DriverNotLoaded => "The NVIDIA driver is installed but not loaded: 'modprobe nvidia' says why, or start the host again.",
        NvmlResult.LibRmVersionMismatch => "The NVIDIA driver was updated while the old one was running: start the host again.",
        NvmlResult.NoPermission => "The NVIDIA driver may not be used by this user: the agent needs to read and write /dev/nvidia*.",
        NvmlResult.FunctionNotFound => "NVIDIA's management library is older than any driver that is supported: install driver 450 or newer.",
        _ => $"NVIDIA's management library does not start: {nvml.Describe(result)}.",
    };

    private void Find(List<string> troubles)
    {
        var result = _nvml.Count(out var count);
        if (result is NvmlResult.Uninitialized or NvmlResult.DriverNotLoaded or NvmlResult.LibRmVersionMismatch && StartAgain()) result = _nvml.Count(out count);
        foreach (var known in _known.Values) known.Device = 0;
        _unread.Clear();
        if (result != NvmlResult.Success)
        {
            troubles.Add($"The driver does not answer: {_nvml.Describe(result)}.");
            foreach (var known in _known.Values) known.Trouble = troubles[0];
            return;
        }

        var failed = new List<(int Index, string Trouble)>();
        for (var index = 0; index < count; index++)
        {
            result = Find(index);
            if (result != NvmlResult.Success) failed.Add((index, _nvml.Describe(result)));
        }
        foreach (var (index, trouble) in failed)
        {
            troubles.Add($"GPU {index}: {trouble}.");
            // One that does not tell its UUID is taken for the one that was there.
            var before = _known.Values.FirstOrDefault(known => known.Device == 0 && known.Gpu.Index == index);
            if (before is null) _unread[index] = troubles[^1];
            else before.Trouble = trouble + ".";
        }
        foreach (var gone in _known.Values.Where(known => known.Device == 0 && known.Trouble.Length == 0))
        {
            gone.Trouble = "It is no longer there: the driver does not list it.";
            troubles.Add($"GPU {gone.Gpu.Index}: {gone.Trouble}");
        }
        NvlinkMap.Join(_nvml, [.. _known.Values.Where(known => known.Device != 0)]);
    }

    private NvmlResult Find(int index)
    {
        var result = _nvml.Handle((uint)index, out var device);
        if (result != NvmlResult.Success) return result;
        if ((result = _nvml.Uuid(device, out var uuid)) != NvmlResult.Success) return result;
        if ((result = _nvml.Name(device, out var name)) != NvmlResult.Success) return result;
        if ((result = _nvml.Memory(device, out var memory)) != NvmlResult.Success) return result;
        _ = _nvml.Pci(device, out var busId, out var deviceId);
        _ = _nvml.PowerLimit(device, out var powerLimit);
        var isMig = _nvml.IsMig(device);

        var isNew = !_known.TryGetValue(uuid, out var known);
        // The driver numbers those that are left; what was once numbered here keeps its number.
        var number = isNew ? FreeIndex(index) : known!.Gpu.Index;
        var gpu = new Gpu
        {
            Index = number,
            Uuid = uuid,
            Name = name,
            MemoryBytes = (long)memory.Total,
            PciBusId = busId,
            PciDeviceId = deviceId == 0 ? "" : deviceId.ToString("X8", null),
            IsMig = isMig,
            MigInstances = isMig ? _nvml.MigInstances(device) : [],
            PowerLimitMilliwatts = powerLimit,
        };
        if (isNew) _known[uuid] = known = new Known(gpu);
        known!.Gpu = gpu;
        known.Trouble = "";
        if (known.Registered != device && _events != 0)
        {
            _ = _nvml.Register(device, _events);
            known.Registered = device;
        }
        known.Device = device;
        return NvmlResult.Success;
    }

    private int FreeIndex(int wanted)
    {
        var taken = _known.Values.Select(known => known.Gpu.Index).ToHashSet();
        while (taken.Contains(wanted)) wanted++;
        return wanted;
    }

    private bool StartAgain()
    {
        if (_events != 0) _nvml.FreeEventSet(_events);
        _ = _nvml.Shutdown();
        _events = 0;
        if (_nvml.Init() != NvmlResult.Success) return false;
        _events = _nvml.EventSet();
        foreach (var known in _known.Values) (known.Registered, known.CriticalError) = (0, "");
        return true;
    }

    private void HearErrors()
    {
        if (_events == 0) return;
        while (_nvml.NextXid(_events, out var device, out var xid))
            if (CriticalXids.TryGetValue(xid, out var meaning) && _known.Values.FirstOrDefault(known => known.Device == device) is { } known)
                known.CriticalError = $"The driver reports Xid {xid}, {meaning}: the GPU must be reset.";
    }

    private GpuSample Sample(Known known)
    {
        var sample = new GpuSample { Index = known.Gpu.Index, Uuid = known.Gpu.Uuid, Trouble = known.Trouble };
        if (known.Device == 0) return sample;

        var device = known.Device;
        var results = new[]
        {
            _nvml.Memory(device, out var memory),
            _nvml.Temperature(device, out var temperature),
            _nvml.Power(device, out var power),
            _nvml.Utilisation(device, out var utilisation),
            _nvml.Processes(device, out var processes),
            _nvml.UncorrectedErrorCount(device, out var errors),
        };
        // What a GPU does not measure is a fact; what else goes wrong is trouble.
        var failure = results.FirstOrDefault(result => result is not (NvmlResult.Success or NvmlResult.NotSupported or NvmlResult.FunctionNotFound or NvmlResult.NoPermission));
        var trouble =
            failure != NvmlResult.Success ? $"{_nvml.Describe(failure)}."
            : known.CriticalError.Length > 0 ? known.CriticalError
            : errors > 0 ? $"{errors} memory errors since the driver was loaded could not be corrected: the GPU must be reset."
            : "";
        return sample with
        {
            Trouble = trouble,
            TemperatureCelsius = (int)temperature,
            PowerMilliwatts = power,
            UtilisationPercent = (int)utilisation.Gpu,
            MemoryUsedBytes = (long)memory.Used,
            // The agent's own test is nobody's use of the GPU.
            Processes = [.. processes.Where(process => process.ProcessId != _testProcess)],
        };
    }

    /// <summary>A GPU that was once found.</summary>
    internal sealed class Known(Gpu gpu)
    {
        public Gpu Gpu { get; set; } = gpu;

        /// <summary>The driver's handle; zero while it is not there.</summary>
        public nint Device { get; set; }

        /// <summary>The handle whose errors are heard.</summary>
        public nint Registered { get; set; }

        /// <summary>Why it is not there.</summary>
        public string Trouble { get; set; } = "";

        /// <summary>What happened to it that only a reset mends.</summary>
        public string CriticalError { get; set; } = "";
    }
}
