using System.Globalization;

namespace ComputeExchange.Agent.Link;

/// <summary>How busy the host is.</summary>
public static class HostLoad
{
    /// <summary>Its load average over a minute, hundredths; 0 where the kernel does not say.</summary>
    public static int Hundredths()
    {
        try
        {
            var written = File.ReadAllText("/proc/loadavg").Split(' ')[0];
            return decimal.TryParse(written, CultureInfo.InvariantCulture, out var load) ? (int)(load * 100) : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
