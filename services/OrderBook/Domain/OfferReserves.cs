namespace ComputeExchange.OrderBook.Domain;

/// <summary>The reserves of an offer, in micro-dollars per GPU-hour.</summary>
/// <param name="ReserveMicros">The reserve of every slot; beside a list the highest of it.</param>
/// <param name="PromptReserveMicros">The reserve of what would otherwise perish, where it is the lower one.</param>
/// <param name="SlotReserveMicros">The reserve of each slot of the window, where they differ; otherwise empty.</param>
public sealed record OfferReserves(long ReserveMicros, long PromptReserveMicros, IReadOnlyList<long> SlotReserveMicros)
{
    /// <summary>The reserve of the slot at a position of the window.</summary>
    public long Of(int position, bool perishes)
    {
        var reserve = SlotReserveMicros.Count == 0 ? ReserveMicros : SlotReserveMicros[position];
        return perishes ? Math.Min(reserve, PromptReserveMicros) : reserve;
    }
}
