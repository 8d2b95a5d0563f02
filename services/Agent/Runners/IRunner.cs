namespace ComputeExchange.Agent.Runners;

/// <summary>Runs workloads on the host in one way. What it starts runs on when the agent ends, and is found again by the room.</summary>
public interface IRunner
{
    /// <summary>"process", "docker" or "podman".</summary>
    string Name { get; }

    /// <summary>Makes what a workload needs before it can start: its folders, its image.</summary>
    Task<Prepared> Prepare(Room room, CancellationToken cancel);

    /// <summary>Starts the room's workload as its next run.</summary>
    Task<Started> Start(Room room, CancellationToken cancel);

    /// <summary>How the room's last run does. Cheap.</summary>
    RunLook Look(Room room);

    /// <summary>Sends the workload a signal by its name without SIG, for example USR1.</summary>
    Task Signal(Room room, string signal, CancellationToken cancel);

    /// <summary>Tells the workload to end, waits for the grace, then ends it. When this returns, nothing of it runs: that was checked.</summary>
    /// <exception cref="RunnerException">Something still runs.</exception>
    Task Stop(Room room, TimeSpan grace, CancellationToken cancel);

    /// <summary>Removes all that the room left on the host. When this returns, it is gone: that was checked.</summary>
    /// <exception cref="RunnerException">Something is left.</exception>
    Task Remove(Room room, CancellationToken cancel);

    /// <summary>The process namespace of the room's run, as <c>/proc</c> writes it; null where nothing runs.</summary>
    string? Namespace(Room room);
}

/// <summary>Whether a room is made.</summary>
public abstract record Prepared
{
    /// <summary>It is.</summary>
    public sealed record Done : Prepared;

    /// <summary>It is not, by what the buyer asked for.</summary>
    public sealed record BuyersFault(string Message) : Prepared;

    /// <summary>It is not, by the host.</summary>
    public sealed record HostsFault(string Message) : Prepared;
}

/// <summary>A workload was started.</summary>
/// <param name="SshPort">The host's port by which SSH reaches it; 0 where it does not.</param>
/// <param name="Remark">For the buyer; empty when all is as asked.</param>
public sealed record Started(int SshPort = 0, string Remark = "");

/// <summary>How a run does.</summary>
/// <param name="State">Running or not.</param>
/// <param name="ExitCode">How it ended; null where it runs, or nobody saw it end.</param>
/// <param name="Message">What is to be said of its end.</param>
public readonly record struct RunLook(RunState State, int? ExitCode = null, string Message = "");

/// <summary>Whether a run is there.</summary>
public enum RunState
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>It ended, and how is known.</summary>
    Ended,

    /// <summary>It is not there, and how it ended is not known: the host was started anew.</summary>
    Gone,
}

/// <summary>The host could not do what a runner asked of it.</summary>
public sealed class RunnerException(string message, Exception? cause = null) : Exception(message, cause);
