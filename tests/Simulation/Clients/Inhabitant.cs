using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Clients;

/// <summary>A program beside the engines: it may be killed at any moment, and goes on with what it kept.</summary>
internal abstract class Inhabitant(string name)
{
    /// <summary>Its machine, for the network.</summary>
    public string Name => name;

    /// <summary>The process that runs now.</summary>
    public Process? Process { get; protected set; }

    /// <summary>Whether it wants nothing any more, and all it wanted has a known outcome.</summary>
    public abstract bool IsDone { get; }

    /// <summary>How far it is, for who reads why a world does not come to rest.</summary>
    public abstract string State { get; }

    /// <summary>Starts it, or starts it again.</summary>
    public abstract void Start();
}
