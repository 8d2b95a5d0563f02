using System.Globalization;

namespace ComputeExchange.Agent.Link;

/// <summary>What the agent tells its owner, a line each. No workload's output and no secret ever stands in it.</summary>
public sealed class HostLog(TextWriter to, TimeProvider clock)
{
    private string _last = "";
    private readonly Lock _writing = new();

    /// <summary>Writes a line.</summary>
    public void Line(string sentence)
    {
        lock (_writing)
        {
            _last = sentence;
            to.WriteLine($"{clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)} {sentence}");
            to.Flush();
        }
    }

    /// <summary>Writes a line, unless it is the one that was written last.</summary>
    public void Once(string sentence)
    {
        lock (_writing)
            if (_last != sentence) Line(sentence);
    }
}
