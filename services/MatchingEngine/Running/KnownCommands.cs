using ComputeExchange.MatchingEngine.Storage;

namespace ComputeExchange.MatchingEngine.Running;

/// <summary>The ids of the newest commands, in memory; the journal knows the older ones.</summary>
internal sealed class KnownCommands(long since)
{
    /// <summary>However long the history that is read.</summary>
    private const int Most = 500_000;

    private readonly Dictionary<Guid, KnownCommand> _known = [];
    private readonly Queue<(long Sequence, Guid Id)> _inOrder = new();

    /// <summary>Every command after this one is here.</summary>
    public long Since { get; private set; } = since;

    /// <summary>How many are here.</summary>
    public int Count => _known.Count;

    public bool TryGet(Guid id, out KnownCommand command) => _known.TryGetValue(id, out command);

    /// <summary>Notes the next command.</summary>
    public void Add(Guid id, KnownCommand command)
    {
        _known.Add(id, command);
        _inOrder.Enqueue((command.Sequence, id));
        if (_inOrder.Count > Most) ForgetUpTo(_inOrder.Peek().Sequence);
    }

    /// <summary>Leaves the commands up to one to the journal.</summary>
    public void ForgetUpTo(long sequence)
    {
        while (_inOrder.TryPeek(out var oldest) && oldest.Sequence <= sequence) _known.Remove(_inOrder.Dequeue().Id);
        Since = Math.Max(Since, sequence);
    }
}
