using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Time;

namespace ComputeExchange.Simulation.Clients.Scripts;

/// <summary>Sets the exchange up: rules, markets, people, nodes, and money to begin with.</summary>
internal sealed class Founder : Script
{
    private static readonly IReadOnlyList<EngineCommand> Commands = [.. Everything()];

    public override int Lanes => 1;

    public override TimeSpan Pause => TimeSpan.FromMilliseconds(20);

    public override bool IsOver(Notebook notebook) => notebook.Wishes.Count == Commands.Count;

    public override Wish? Next(Notebook notebook, Dice dice, DateTimeOffset now) => notebook.Write(Commands[notebook.Wishes.Count], dice);

    private static IEnumerable<EngineCommand> Everything()
    {
        yield return new EngineCommand
        {
            // Slots of a minute, so that some pass while a world lasts.
            ChangeSettings = new ChangeSettings
            {
                SlotMinutes = 1, HorizonSlotCount = 8, GateMinutes = 0, RunIntervalSeconds = 5, BuyerFeePpm = 1_500, SellerFeePpm = 1_500, BondPpm = 200_000,
                LeastBondMicrosPerGpuHour = 50_000, TickMicros = 1_000, HighestPriceMicrosPerGpuHour = 50_000_000, BidGpuCountMax = 64, OpenBidCountMax = 8,
                PromptMinutesMin = 1, SolverNodeCountMax = 1_000, SolveAgainSeconds = 1, SolveAttemptCountMax = 3,
            },
        };
        foreach (var market in People.Markets) yield return new EngineCommand { DefineMarket = new DefineMarket { Market = market, State = MarketState.Open } };
        foreach (var person in People.All)
        {
            yield return new EngineCommand
            {
                SetParticipant = new SetParticipant { ParticipantId = person, MayBuy = People.Buyers.Contains(person), MaySell = People.Providers.Contains(person), Active = true },
            };
            yield return Bank.Credit(person, 5_000_000);
        }
        foreach (var provider in People.Providers)
        foreach (var market in People.Markets)
            yield return new EngineCommand
            {
                SetNode = new SetNode { NodeId = People.Node(provider, market), ProviderId = provider, Market = market, GpuCount = 8 },
            };
        foreach (var provider in People.Providers)
        foreach (var market in People.Markets)
            yield return new EngineCommand
            {
                SetNode = new SetNode
                {
                    NodeId = People.BetterNode(provider, market), ProviderId = provider, Market = market, GpuCount = 8,
                    Traits = new NodeTraits { Verified = true, ReliabilityPpm = 990_000, Country = "DE", Zone = "EU" },
                },
            };
        foreach (var instrument in People.Instruments)
        {
            yield return new EngineCommand { DefineInstrument = new DefineInstrument { Terms = Terms(instrument), ReferenceTicks = Hedger.Reference } };
            yield return new EngineCommand { SetPhase = new SetPhase { Instrument = instrument, Phase = InstrumentPhase.Continuous } };
        }
    }

    private static InstrumentTerms Terms(string instrument) => new()
    {
        Name = instrument, TickValueMicros = 1_000, LotCountMax = 100, NotionalMicrosMax = 1_000_000_000_000, PositionLotCountMax = 200, MarginMicrosPerLot = 50_000,
        BandPpm = 100_000, BandTickCountMin = 10, VelocityPpm = 20_000, VelocitySeconds = 5, CallSeconds = 2,
    };
}
