namespace ComputeExchange.OrderBook.Domain;

/// <summary>How time is cut into delivery slots: every so many minutes, counted from midnight UTC.</summary>
/// <param name="Minutes">The length of a slot; divides 60.</param>
public readonly record struct SlotGrid(int Minutes)
{
    /// <summary>The length of a slot.</summary>
    public TimeSpan Length => TimeSpan.FromMinutes(Minutes);

    /// <summary>Whether a slot begins at that time.</summary>
    public bool Begins(DateTimeOffset time) => time.UtcTicks % Length.Ticks == 0;

    /// <summary>The start of the slot that a time falls into.</summary>
    public DateTimeOffset StartOf(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % Length.Ticks), TimeSpan.Zero);

    /// <summary>How many slots begin from <paramref name="from"/> up to but not including <paramref name="to"/>; both are starts of slots.</summary>
    public long Count(DateTimeOffset from, DateTimeOffset to) => (to - from).Ticks / Length.Ticks;

    /// <summary>The position, from 0, of the slot that <paramref name="time"/> falls into, in a window that begins at <paramref name="from"/>.</summary>
    public int PositionOf(DateTimeOffset time, DateTimeOffset from) => (int)((time - from).Ticks / Length.Ticks);
}
