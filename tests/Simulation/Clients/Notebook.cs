using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;
using ComputeExchange.Values;

namespace ComputeExchange.Simulation.Clients;

/// <summary>What a client has on its disk: what it wants, what it heard, how far it read. It survives the client.</summary>
internal sealed class Notebook(string owner)
{
    private readonly List<Wish> _open = [];

    /// <summary>All that it ever wanted.</summary>
    public List<Wish> Wishes { get; } = [];

    /// <summary>The next number of the feed that it wants to read.</summary>
    public long NextNumber { get; set; } = 1;

    /// <summary>Whether everything it wanted is known to be done or refused.</summary>
    public bool IsDone => _open.Count == 0;

    /// <summary>What it still wants.</summary>
    public IReadOnlyList<Wish> Open => _open;

    /// <summary>Writes down what is wanted, now and then to be asked for again after it was answered.</summary>
    public Wish Write(EngineCommand command, Dice dice) => Write(DerivedId.From(owner, Wishes.Count), command, dice);

    /// <summary>Writes down what is wanted under an id that follows from its cause.</summary>
    public Wish Write(Guid id, EngineCommand command, Dice dice)
    {
        var wish = new Wish(id, command) { Repeats = dice.OnceIn(4) ? (int)dice.Between(1, 2) : 0 };
        Wishes.Add(wish);
        _open.Add(wish);
        return wish;
    }

    /// <summary>Writes down order requests that are wanted.</summary>
    public Wish Write(OrderBatch orders)
    {
        var wish = new Wish(DerivedId.From(owner, Wishes.Count), new EngineCommand()) { Orders = orders };
        Wishes.Add(wish);
        _open.Add(wish);
        return wish;
    }

    /// <summary>Writes down a wish under the id of another that was answered with something else.</summary>
    public void WriteReuse(Wish other, EngineCommand command)
    {
        var wish = new Wish(other.Id, command, IsReuse: true);
        Wishes.Add(wish);
        _open.Add(wish);
    }

    /// <summary>Strikes out what is done.</summary>
    public void Close(Wish wish) => _open.Remove(wish);
}
