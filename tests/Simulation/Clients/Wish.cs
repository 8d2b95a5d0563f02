using ComputeExchange.MatchingEngine.V1;

namespace ComputeExchange.Simulation.Clients;

/// <summary>A command that a client wants done, once, whatever it takes; written down before it is sent.</summary>
/// <param name="Id">The id under which it is sent, each time.</param>
/// <param name="Command">What is wanted.</param>
/// <param name="IsReuse">Whether the id is another wish's on purpose, so that it must be refused.</param>
internal sealed record Wish(Guid Id, EngineCommand Command, bool IsReuse = false)
{
    /// <summary>Order requests that are wanted in place of a command; null for a command.</summary>
    public OrderBatch? Orders { get; init; }

    /// <summary>What became of it; null while nobody knows.</summary>
    public SubmitResponse? Answer { get; set; }

    /// <summary>Whether it was refused because of its id.</summary>
    public bool WasRefused { get; set; }

    /// <summary>How many more times it is asked for after it was answered.</summary>
    public int Repeats { get; set; }

    public bool IsDone => (Answer is not null && Repeats == 0) || WasRefused;

    public override string ToString() => $"{(Orders is null ? Command.CommandCase : "Orders")} {Id}";
}

/// <summary>Order requests of one participant. They bear client order ids that count up, in place of a command's id.</summary>
internal sealed record OrderBatch(Guid Participant, byte[] Requests);
