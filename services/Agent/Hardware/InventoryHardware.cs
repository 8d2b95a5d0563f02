using ComputeExchange.Values.Delivery;

namespace ComputeExchange.Agent.Hardware;

/// <summary>Hardware that a file stands for; what is changed in the file while the agent runs happens.</summary>
sealed class InventoryHardware : IHardware
{
    /// <summary>The word for it.</summary>
    public const string OriginName = "inventory";

    private const int IdleCelsius = 35;
    private const int BusyCelsius = 68;
    private const int OwnersProcess = 1;

    private readonly Lock _turn = new();
    private readonly string _path;
    private readonly HardwareSettings _settings;
    private (DateTime Written, long Length) _version;
    private InventoryFile _file;
    private string _trouble = "";

    private InventoryHardware(string path, HardwareSettings settings)
    {
        _path = path;
        _settings = settings;
        _version = Version();
        _file = InventoryFile.Parse(File.ReadAllText(path));
    }

    public string Origin => OriginName;

    public bool IsSimulated => true;

    /// <summary>Reads the file for the first time.</summary>
    /// <exception cref="HardwareMissingException">It cannot be read.</exception>
    public static InventoryHardware Open(string path, HardwareSettings settings)
    {
        try
        {
            return new InventoryHardware(path, settings);
        }
        catch (Exception wrong) when (wrong is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new HardwareMissingException($"The inventory file {path} cannot be used: {wrong.Message}.", wrong);
        }
    }

    public Inventory Read()
    {
        lock (_turn)
        {
            Reload();
            var troubles = _file.Lost.Select(index => $"GPU {index}: {LostSentence}").ToList();
            if (_trouble.Length > 0) troubles.Add(_trouble);
            return new Inventory(OriginName, [.. _file.Gpus.Select(ToGpu)], _file.DriverVersion, _file.CudaVersion, Host(), troubles);
        }
    }

    public IReadOnlyList<GpuSample> Sample()
    {
        lock (_turn)
        {
            Reload();
            return [.. _file.Gpus.Select(Sample)];
        }
    }

    public SelfTestReport Test(SelfTestAsk ask, CancellationToken cancel)
    {
        InventoryFile file;
        lock (_turn)
        {
            Reload();
            file = _file;
        }
        if (file.Test.Failure.Length > 0) return new SelfTestReport { TestId = ask.TestId, Gpus = [], Failure = file.Test.Failure };

        var digests = new Dictionary<long, string>();
        var figures = new List<GpuTestFigures>();
        foreach (var uuid in ask.GpuUuids)
        {
            cancel.ThrowIfCancellationRequested();
            var index = file.Gpus.ToList().FindIndex(gpu => gpu.Uuid == uuid);
            figures.Add(
                index < 0 ? new GpuTestFigures { GpuIndex = -1, Uuid = uuid, Failure = "It is not on this host." }
                : file.Lost.Contains(index) ? new GpuTestFigures { GpuIndex = index, Uuid = uuid, Failure = LostSentence }
                : Figures(file, index, ask.Seed, digests));
        }
        return new SelfTestReport
        {
            TestId = ask.TestId,
            Gpus = figures,
            DiskWriteBytesPerSecond = 2_000_000_000,
            DiskReadBytesPerSecond = 3_000_000_000,
            ElapsedMilliseconds = 1_000,
        };
    }

    public void Dispose()
    {
    }

    private const string LostSentence = "The inventory file says that it is lost.";

    private static GpuTestFigures Figures(InventoryFile file, int index, ulong seed, Dictionary<long, string> digests)
    {
        var gpu = file.Gpus[index];
        var known = ProductClasses.Of(new ReportedGpu(gpu.Name, gpu.MemoryMib << 20, gpu.PciDeviceId, gpu.Mig)).Class;
        var bytes = gpu.MemoryMib * file.Test.MemoryThousandths / 1_000 << 20;
        if (!digests.TryGetValue(bytes, out var digest)) digests[bytes] = digest = ComputeCheck.Digest(seed, bytes);
        return new GpuTestFigures
        {
            GpuIndex = index,
            Uuid = gpu.Uuid,
            MemoryBytes = bytes,
            MemoryBytesPerSecond = (known?.MemoryBytesPerSecond ?? 0) / 1_000 * file.Test.SpeedThousandths,
            HostBytesPerSecond = 25_000_000_000,
            OperationsPerSecond = (known?.Fp32OperationsPerSecond ?? 0) / 1_000 * file.Test.SpeedThousandths,
            Digest = file.Test.WrongDigest.Contains(index) ? new string('0', digest.Length) : digest,
        };
    }

    private Gpu ToGpu(InventoryFile.SimulatedGpu gpu, int index) => new()
    {
        Index = index,
        Uuid = gpu.Uuid,
        Name = gpu.Name,
        MemoryBytes = gpu.MemoryMib << 20,
        PciBusId = $"00000000:{index + 1:X2}:00.0",
        PciDeviceId = gpu.PciDeviceId,
        IsMig = gpu.Mig,
        NvlinkPeers = gpu.Nvlink ? [.. Enumerable.Range(0, _file.Gpus.Count).Where(other => other != index && _file.Gpus[other].Nvlink)] : [],
        NvlinkCount = gpu.Nvlink ? 18 : 0,
        PowerLimitMilliwatts = gpu.PowerLimitWatts * 1_000L,
    };

    private GpuSample Sample(InventoryFile.SimulatedGpu gpu, int index)
    {
        var sample = new GpuSample { Index = index, Uuid = gpu.Uuid };
        if (_file.Lost.Contains(index)) return sample with { Trouble = LostSentence };
        var isBusy = _file.BusyByOwner.Contains(index);
        var utilisation = isBusy ? 100 : _file.UtilisationPercent;
        return sample with
        {
            TemperatureCelsius = IdleCelsius + (BusyCelsius - IdleCelsius) * utilisation / 100,
            PowerMilliwatts = gpu.PowerLimitWatts * (100L + 9 * utilisation),
            UtilisationPercent = utilisation,
            MemoryUsedBytes = isBusy ? gpu.MemoryMib / 2 << 20 : 0,
            Processes = isBusy ? [new GpuProcess(OwnersProcess, gpu.MemoryMib / 2 << 20)] : [],
        };
    }

    private HostFacts Host()
    {
        var real = HostReader.Read(_settings);
        var host = _file.Host;
        return real with
        {
            System = host.System.Length > 0 ? host.System : real.System,
            CpuModel = host.CpuModel.Length > 0 ? host.CpuModel : real.CpuModel,
            CpuCount = host.CpuCount > 0 ? host.CpuCount : real.CpuCount,
            MemoryBytes = host.MemoryMib > 0 ? host.MemoryMib << 20 : real.MemoryBytes,
            DiskBytes = host.DiskMib > 0 ? host.DiskMib << 20 : real.DiskBytes,
            DiskFreeBytes = host.DiskFreeMib > 0 ? host.DiskFreeMib << 20 : host.DiskMib > 0 ? host.DiskMib << 20 : real.DiskFreeBytes,
            Links = host.NetworkMbps > 0 ? [new NetworkLink("simulated", host.NetworkMbps)] : real.Links,
        };
    }

    // What was right before goes on while the file is wrong: it may just be written.
    private void Reload()
    {
        try
        {
            var version = Version();
            if (version == _version && _trouble.Length == 0) return;
            _file = InventoryFile.Parse(File.ReadAllText(_path));
            _version = version;
            _trouble = "";
        }
        catch (Exception wrong) when (wrong is FormatException or IOException or UnauthorizedAccessException)
        {
            _trouble = $"The inventory file {_path} cannot be used, what it said before holds: {wrong.Message}.";
        }
    }

    private (DateTime Written, long Length) Version()
    {
        var file = new FileInfo(_path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : throw new FileNotFoundException("there is no such file");
    }
}
