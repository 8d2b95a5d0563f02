using ComputeExchange.Simulation.Clients.Scripts;
using ComputeExchange.Simulation.Settling;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Clients;

/// <summary>Who takes part in a world.</summary>
internal static class Cast
{
    public static IReadOnlyList<Inhabitant> Of(World world, Dice dice)
    {
        int Some() => (int)dice.Between(10, 40);
        var cast = new List<Inhabitant> { new Actor(world, "founder", new Founder()) };
        cast.AddRange(People.Buyers.Select((buyer, i) => new Actor(world, $"buyer-{i + 1}", new Buyer(buyer, Some()))));
        cast.AddRange(People.Providers.Select((provider, i) => new Actor(world, $"provider-{i + 1}", new Provider(provider, Some()))));
        cast.AddRange(People.All.Take(3).Select((hedger, i) => new Actor(world, $"hedger-{i + 1}", new Hedger(hedger, Some()))));
        cast.Add(new Actor(world, "bank", new Bank(2 * Some())));
        cast.Add(new Actor(world, "operator", new Operator((int)dice.Between(4, 8))));
        cast.Add(new Actor(world, "auctioneer", new Auctioneer()));
        cast.Add(new Actor(world, "registry", new Registry()));
        cast.Add(new Actor(world, "onlooker", new Onlooker()));
        var settlement = new SettlementMachine(world, "settlement");
        cast.Add(settlement);
        cast.Add(new Teller(world, "teller", settlement, Some()));
        return cast;
    }
}
