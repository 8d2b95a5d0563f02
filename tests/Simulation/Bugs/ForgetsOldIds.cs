using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Bugs;

/// <summary>A command that is older than the snapshot can be repeated.</summary>
internal sealed class ForgetsOldIds : Bug
{
    public override string Sentence => "Ids of commands before the snapshot that the engine was restored from are not known any more.";

    public override IJournalStore Wrap(IJournalStore store, Process process) => new Store(store);

    private sealed class Store(IJournalStore store) : StoreBehind(store)
    {
        public override Task<IReadOnlyDictionary<Guid, KnownCommand>> Find(IReadOnlyCollection<Guid> commandIds, CancellationToken cancel) =>
            Task.FromResult<IReadOnlyDictionary<Guid, KnownCommand>>(new Dictionary<Guid, KnownCommand>());
    }
}
