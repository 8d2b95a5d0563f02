using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Engines;
using ComputeExchange.Simulation.Networking;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Clients;

/// <summary>A line on which an engine sends its feed; it is over when it is cut, or silent for too long.</summary>
internal sealed class FeedLine
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(12);

    private readonly Process _process;
    private readonly Pipe _pipe;
    private bool _isLost;
    private long _heard;

    private FeedLine(World world, Process process, Door door)
    {
        (_process, _pipe, _heard) = (process, new Pipe(world.Network, world.Scheduler, process, door.Process), process.Clock.GetTimestamp());
        _pipe.NearLost = () => _isLost = true;
    }

    /// <summary>Whether more may come.</summary>
    public bool IsOpen => !_isLost && _process.Clock.GetElapsedTime(_heard) < Silence;

    /// <summary>Asks one of the engines for the feed from a number on; null when that one cannot be reached.</summary>
    public static FeedLine? Open(World world, Process process, long from, Action<ReadFeedResponse> arrive)
    {
        var door = process.Dice.OneOf(world.Engines).Door;
        if (door.Process.IsDead || world.Network.IsCut(process.Name, door.Process.Name)) return null;
        var line = new FeedLine(world, process, door);
        line._pipe.Send(() => door.Process.Start(() => door.SendFeed(from, line._pipe, bytes =>
        {
            line._heard = process.Clock.GetTimestamp();
            if (!line._pipe.IsCut) arrive(ReadFeedResponse.Parser.ParseFrom(bytes));
        })));
        return line;
    }

    /// <summary>Ends it.</summary>
    public void Cut() => _pipe.Cut();
}
