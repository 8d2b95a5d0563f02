using ComputeExchange.Agent.Deliveries;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;

namespace ComputeExchange.Agent.Logs;

/// <summary>Reads what a delivery printed, run after run, a piece at a time; what the exchange has kept is given back to the disk.</summary>
/// <param name="state">How far the exchange has kept it.</param>
/// <param name="folder">The room, with a file <c>output.N</c> for each run.</param>
public sealed class LogReader(DeliveryState state, string folder)
{
    private const int Piece = 32 * 1024;

    private AgentLog? _sent;
    private LogPlace _after;
    private DateTimeOffset _sentTime;

    /// <summary>The next piece, if there is something new, or the last one again if it was not kept in time.</summary>
    /// <param name="now">By the host's clock.</param>
    /// <param name="again">When a piece that was not kept is sent again.</param>
    public AgentLog? Next(DateTimeOffset now, TimeSpan again)
    {
        if (_sent is not null && now - _sentTime < again) return null;
        if (_sent is null && !Read()) return null;
        _sentTime = now;
        return _sent;
    }

    /// <summary>Forgets what is on its way: the stream broke.</summary>
    public void Restart() => _sent = null;

    /// <summary>The exchange has all up to an offset.</summary>
    /// <returns>Whether the place moved.</returns>
    public bool Keep(long through)
    {
        if (_sent is null || through < _sent.Offset + _sent.Text.Length) return false;
        state.Log = _after with { Shown = Math.Max(_after.Shown, through) };
        _sent = null;
        Disk.Free(PathOf(state.Log.Run), state.Log.Raw);
        return true;
    }

    /// <summary>Whether all that was printed is kept.</summary>
    public bool IsDone() => _sent is null && !Read();

    private bool Read()
    {
        var place = state.Log.Run == 0 ? new LogPlace(1, 0, state.Log.Shown) : state.Log;
        for (; place.Run <= state.Run; place = new LogPlace(place.Run + 1, 0, place.Shown))
        {
            var over = place.Run < state.Run || state.RunOver;
            var redactor = new Redactor(state.Secrets);
            var most = Math.Max(Piece, 2 * redactor.Longest);
            var bytes = Bytes(place, most);
            if (bytes.Length == 0 && over) continue;
            if (bytes.Length == 0) return false;
            using var shown = new MemoryStream();
            var taken = redactor.Take(bytes, over && bytes.Length < most, shown);
            if (taken == 0) return false;
            _after = new LogPlace(place.Run, place.Raw + taken, place.Shown + shown.Length);
            _sent = new AgentLog { DeliveryId = state.DeliveryId, Offset = place.Shown, Text = ByteString.CopyFrom(shown.ToArray()) };
            return true;
        }
        return false;
    }

    private byte[] Bytes(LogPlace place, int most)
    {
        try
        {
            using var file = new FileStream(PathOf(place.Run), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var left = file.Length - place.Raw;
            if (left <= 0) return [];
            var bytes = new byte[Math.Min(left, most)];
            file.Position = place.Raw;
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (IOException)
        {
            return [];
        }
    }

    private string PathOf(int run) => Path.Combine(folder, $"output.{run}");
}

/// <summary>A place in what a delivery printed.</summary>
/// <param name="Run">Which run of the workload, from 1.</param>
/// <param name="Raw">Bytes of that run's output before it.</param>
/// <param name="Shown">Bytes that were shown before it, of all runs.</param>
public readonly record struct LogPlace(int Run, long Raw, long Shown);
