using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Clients;

/// <summary>What a client does: what it wants next, and what it makes of what it hears.</summary>
internal abstract class Script
{
    /// <summary>How many commands it has on the way at a time.</summary>
    public virtual int Lanes => 2;

    /// <summary>How long it mostly waits between commands at the most.</summary>
    public virtual TimeSpan Pause => TimeSpan.FromMilliseconds(600);

    /// <summary>Whether it reads the feed.</summary>
    public virtual bool ReadsFeed => false;

    /// <summary>Whether it has wanted all that it will by itself.</summary>
    public abstract bool IsOver(Notebook notebook);

    /// <summary>Writes the next wish down, at a time of the market; null when it wants nothing now.</summary>
    public virtual Wish? Next(Notebook notebook, Dice dice, DateTimeOffset now) => null;

    /// <summary>Hears for the first time what became of a wish.</summary>
    public virtual void Heard(Notebook notebook, Wish wish, Dice dice)
    {
    }

    /// <summary>Reads an entry of the feed; what it writes down is kept together with how far it read.</summary>
    public virtual void Read(Notebook notebook, FeedEntry entry, Dice dice)
    {
    }
}
