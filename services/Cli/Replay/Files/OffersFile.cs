using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Values;

namespace ComputeExchange.Cli.Replay.Files;

/// <summary>A machine as a marketplace showed it on one day, with all of its GPUs.</summary>
/// <param name="MachineId">The marketplace's stable number of the machine.</param>
/// <param name="HostId">Whose it is.</param>
/// <param name="Class">Its GPUs.</param>
/// <param name="Region">Where it stands.</param>
/// <param name="Gpus">How many there are: the largest chunk in which it was listed.</param>
/// <param name="Ask">The posted price of one GPU for one hour, rounded up to the tick.</param>
/// <param name="Prompt">The reserve for interruptible use, rounded up to the tick, never above the ask.</param>
/// <param name="ReliabilityPpm">The marketplace's own score, parts per million.</param>
/// <param name="Place">City and country as the marketplace writes them.</param>
public sealed record Machine(
    string MachineId, string HostId, GpuClass Class, string Region, int Gpus, Price Ask, Price Prompt, int ReliabilityPpm, string Place)
{
    /// <summary>The market its GPUs belong to.</summary>
    public string Market => $"{Class.Name}.{Region}";
}

/// <summary>The machines of one day, in the order of their numbers.</summary>
public sealed record Snapshot(DateOnly Day, IReadOnlyList<Machine> Machines);

/// <summary>A file of offers before it is read.</summary>
/// <param name="Name">For sentences.</param>
/// <param name="Bytes">What it holds: a CSV table, or the JSON of a search.</param>
/// <param name="Day">The day of a JSON snapshot, which does not say it itself; a table says it in each row.</param>
public sealed record OffersSource(string Name, byte[] Bytes, DateOnly Day);

/// <summary>What files of marketplace snapshots hold: who offers what, day by day.</summary>
/// <remarks>
/// The columns, and the fields of JSON alike, are those of a public GPU marketplace's search: <c>dph_base</c> and <c>min_bid</c> are dollars an hour for
/// the whole chunk, one machine is listed in several overlapping chunks, and offer ids change from day to day while
/// <c>machine_id</c> stays. So a machine is counted once, by its largest chunk, at that chunk's price for one GPU.
/// A reserve above the ask is a mistake that real providers make: the machine is kept, and its reserve is taken to be
/// the ask, which cannot hurt its owner. Every other fault skips the row, and all are counted.
/// </remarks>
public sealed class OffersFile
{
    /// <summary>Most GPUs of one machine that the exchange registers.</summary>
    public const int MostGpus = 64;

    static readonly string[] Columns = ["collected_utc", "machine_id", "host_id", "gpu_name", "num_gpus", "gpu_ram", "dph_base", "min_bid", "geolocation"];

    readonly long _tick;
    readonly long _highest;
    readonly Dictionary<(DateOnly Day, string Machine), (Machine Machine, bool Mended)> _largest = [];

    OffersFile(IReadOnlyList<OffersSource> files, long tick, long highest)
    {
        (_tick, _highest) = (tick, highest);
        foreach (var (name, bytes, day) in files)
        {
            if (SearchResult.Looks(bytes)) Take(SearchResult.Read(name, bytes), new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
            else Take(CsvTable.Read(name, bytes, Columns));
        }
        Sha256 = HashOf(files);
        Snapshots = [.. _largest.GroupBy(entry => entry.Key.Day).OrderBy(day => day.Key)
            .Select(day => new Snapshot(day.Key, [.. day.Select(entry => entry.Value.Machine).OrderBy(machine => machine.MachineId, StringComparer.Ordinal)]))];
        MendedReserves = _largest.Values.Count(entry => entry.Mended);
    }

    /// <summary>The SHA-256 of the file; of several, that of their hashes.</summary>
    public string Sha256 { get; }

    /// <summary>Rows in the files.</summary>
    public int RowCount { get; private set; }

    /// <summary>Rows that were good and describe a smaller chunk of a machine that is counted whole.</summary>
    public int ChunkCount { get; private set; }

    /// <summary>Machine-days whose reserve lay above the ask and was taken to be the ask.</summary>
    public int MendedReserves { get; }

    /// <summary>Rows that could not be used.</summary>
    public SkippedRows Skipped { get; } = new();

    /// <summary>The days, earliest first.</summary>
    public IReadOnlyList<Snapshot> Snapshots { get; }

    /// <summary>Reads files for an exchange with this tick and highest price, both in micro-dollars per GPU-hour.</summary>
    public static OffersFile Read(IReadOnlyList<OffersSource> files, long tick, long highest) => new(files, tick, highest);

    /// <summary>Reads the bytes of a file; the day is asked for only where the file does not say it.</summary>
    public static OffersFile Read(string name, byte[] bytes, long tick, long highest, DateOnly day = default) => new([new OffersSource(name, bytes, day)], tick, highest);

    static string HashOf(IReadOnlyList<OffersSource> files)
    {
        var hashes = files.Select(file => Convert.ToHexStringLower(SHA256.HashData(file.Bytes))).ToList();
        return hashes.Count == 1 ? hashes[0] : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', hashes))));
    }

    void Take(CsvTable table)
    {
        foreach (var row in table.Rows())
        {
            RowCount++;
            Take(row, row.Time("collected_utc"));
        }
    }

    void Take(SearchResult result, DateTimeOffset day)
    {
        foreach (var row in result.Rows)
        {
            RowCount++;
            if (row.IsOffer) Take(row, day);
            else Skipped.Add("an entry of the list is not an offer");
        }
    }

    void Take(IFields row, DateTimeOffset? collected)
    {
        if (Fault(row, collected, out var day, out var machine, out var mended) is { } fault)
        {
            Skipped.Add(fault);
            return;
        }
        var key = (day, machine!.MachineId);
        if (!_largest.TryGetValue(key, out var known)) _largest[key] = (machine, mended);
        else
        {
            ChunkCount++;
            if (machine.Gpus > known.Machine.Gpus) _largest[key] = (machine, mended);
        }
    }

    string? Fault(IFields row, DateTimeOffset? collected, out DateOnly day, out Machine? machine, out bool mended)
    {
        (day, machine, mended) = (default, null, false);
        if (collected is not { } time) return "collected_utc is not a time";
        if (row.Flag("rentable") == false) return "rentable is false: it is not for sale";
        if (row.Flag("is_bid") == true) return "is_bid is true: its price is that of interruptible use, not an ask";
        var (machineId, hostId) = (row.Text("machine_id"), row.Text("host_id"));
        if (machineId.Length is 0 or > 40) return "machine_id is missing";
        if (hostId.Length is 0 or > 40) return "host_id is missing";
        var name = row.Text("gpu_name");
        if (!GpuClasses.Table.Knows(name)) return "gpu_name is not a known GPU";
        if (row.Number("gpu_ram") is not { } memory || GpuClasses.Table.Find(name, memory) is not { } gpuClass)
            return "gpu_ram fits no known form of that GPU";
        if (row.Whole("num_gpus") is not (>= 1 and <= MostGpus and var gpus)) return $"num_gpus is not from 1 to {MostGpus}";
        if (row.Number("dph_base") is not { } ask) return "dph_base is missing or not a number";
        if (ask <= 0) return "dph_base is not above 0";
        if (row.Number("min_bid") is not { } reserve) return "min_bid is missing or not a number";
        if (reserve < 0) return "min_bid is below 0";
        if (PerGpu(ask, gpus) is not { } askPrice || askPrice > _highest) return "dph_base is above the exchange's highest price";
        if (Regions.Of(row.Text("geolocation")) is not { } region) return "geolocation names no known country";

        mended = reserve > ask;
        var prompt = mended ? askPrice : Math.Min(PerGpu(reserve, gpus) ?? askPrice, askPrice);
        var reliability = (row.Number("reliability2") ?? row.Number("reliability")) is { } score and >= 0 and <= 1 ? score : 0.98m;
        day = DateOnly.FromDateTime(time.UtcDateTime);
        machine = new Machine(machineId, hostId, gpuClass, region, (int)gpus, new Price(askPrice), new Price(prompt),
            (int)(reliability * 1_000_000), row.Text("geolocation"));
        return null;
    }

    /// <summary>Dollars for a chunk to micro-dollars for one GPU: to the nearest micro-dollar, which undoes the file's binary fractions, then up to the tick.</summary>
    long? PerGpu(decimal dollars, long gpus)
    {
        if (dollars > 1_000_000_000m) return null;
        var micros = (long)decimal.Round(dollars / gpus * Money.MicrosPerDollar, MidpointRounding.ToEven);
        return (micros + _tick - 1) / _tick * _tick;
    }
}
