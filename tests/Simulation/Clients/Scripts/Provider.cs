using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Simulation.Clients.Scripts;

/// <summary>Offers capacity, and takes some of it back.</summary>
internal sealed class Provider(string id, int commands) : Script
{
    public override bool IsOver(Notebook notebook) => notebook.Wishes.Count >= commands;

    public override Wish? Next(Notebook notebook, Dice dice, DateTimeOffset now)
    {
        if (dice.OnceIn(5) && Placed(notebook) is { Count: > 0 } placed)
            return notebook.Write(new EngineCommand { CancelOffer = new CancelOffer { ProviderId = id, OfferId = dice.OneOf(placed) } }, dice);

        var from = Buyer.Minute(now).AddMinutes(dice.Between(0, 2));
        var reserve = dice.Between(1_000, 3_000) * 1_000;
        var market = dice.OneOf(People.Markets);
        return notebook.Write(new EngineCommand
        {
            PlaceOffer = new PlaceOffer
            {
                ProviderId = id,
                NodeId = dice.OnceIn(3) ? People.BetterNode(id, market) : People.Node(id, market),
                GpuCount = (int)dice.Between(1, 5),
                FromTime = from.ToTimestamp(),
                ToTime = from.AddMinutes(dice.Between(2, 6)).ToTimestamp(),
                ReserveMicrosPerGpuHour = reserve,
                PromptReserveMicrosPerGpuHour = reserve,
                RunSlotCountMin = 1,
                ByPolicy = dice.OnceIn(2),
            },
        }, dice);
    }

    private static List<long> Placed(Notebook notebook) =>
        [.. notebook.Wishes.Where(wish => wish.Answer is not null).SelectMany(wish => wish.Answer!.Events).Where(e => e.OfferPlaced is not null).Select(e => e.OfferPlaced.OfferId)];
}
