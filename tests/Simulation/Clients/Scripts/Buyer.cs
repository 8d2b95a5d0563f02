using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Simulation.Clients.Scripts;

/// <summary>Bids for capacity, and takes some bids back.</summary>
internal sealed class Buyer(string id, int commands) : Script
{
    public override int Lanes => 4;

    public override bool IsOver(Notebook notebook) => notebook.Wishes.Count >= commands;

    public override Wish? Next(Notebook notebook, Dice dice, DateTimeOffset now)
    {
        if (dice.OnceIn(4) && Placed(notebook) is { Count: > 0 } placed)
            return notebook.Write(new EngineCommand { CancelBid = new CancelBid { BuyerId = id, BidId = dice.OneOf(placed) } }, dice);

        var isBlock = dice.OnceIn(2);
        var (first, length) = ((int)dice.Between(1, 3), (int)dice.Between(1, 4));
        var from = Minute(now).AddMinutes(first);
        var bid = new PlaceBid
        {
            BuyerId = id,
            Kind = isBlock ? BidKind.Block : BidKind.Divisible,
            GpuCount = dice.Below(9),
            FromTime = from.ToTimestamp(),
            ToTime = from.AddMinutes(length).ToTimestamp(),
            RunSlotCount = isBlock ? length : 0,
            LimitMicrosPerGpuHour = dice.Between(1_500, 4_000) * 1_000,
        };
        bid.Markets.Add(dice.OneOf(People.Markets));
        if (dice.OnceIn(6)) bid.Needs = new NodeNeeds { Verified = true };
        return notebook.Write(new EngineCommand { PlaceBid = bid }, dice);
    }

    /// <summary>The start of a time's minute, which is a slot.</summary>
    public static DateTimeOffset Minute(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);

    private static List<long> Placed(Notebook notebook) =>
        [.. notebook.Wishes.Where(wish => wish.Answer is not null).SelectMany(wish => wish.Answer!.Events).Where(e => e.BidPlaced is not null).Select(e => e.BidPlaced.BidId)];
}
