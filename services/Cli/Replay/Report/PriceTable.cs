using System.Text.Json.Nodes;
using ComputeExchange.Cli.Output;

namespace ComputeExchange.Cli.Replay.Report;

/// <summary>Every hour of every market as comma-separated values.</summary>
public static class PriceTable
{
    static readonly Sheet<HourPrice> Sheet = new Sheet<HourPrice>("prices", "")
        .Text("Market", "market", price => price.Market)
        .Add("Hour", "slot_time", price => Show.Time(price.Slot), price => JsonValue.Create(price.Slot.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)))
        .Price("Mean", "mean_price_micros_per_gpu_hour", price => price.Mean.MicrosPerGpuHour)
        .Price("Last", "last_price_micros_per_gpu_hour", price => price.Last.MicrosPerGpuHour)
        .Count("GPU-minutes", "gpu_minutes", price => price.GpuMinutes)
        .Count("Runs", "run_count", price => price.Runs);

    /// <summary>Writes the table.</summary>
    public static void Write(string path, IEnumerable<HourPrice> prices)
    {
        using var file = new StreamWriter(path);
        CsvOutput.Write(file, Sheet, prices);
    }
}
