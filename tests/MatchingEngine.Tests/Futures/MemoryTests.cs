using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Core.Futures;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Futures.Pit;

namespace ComputeExchange.MatchingEngine.Tests.Futures;

/// <summary>What the market keeps is what is open. Alone, because it looks at the memory of the whole process.</summary>
[Collection(nameof(Alone))]
public class MemoryTests
{
    [Fact]
    public void Orders_that_ended_before_their_date_take_no_memory_until_then()
    {
        var pit = new Pit();
        pit.Say(new Command.LimitAccount(Id(Ann), new AccountLimits(MayTrade: true, OrdersPerSecond: 0, Burst: 1, MostOpenOrders: 10)));
        pit.Buy(Ann, 1, 2_490, TimeInForce.GoodTillDate, untilSeconds: 30);
        long Allocated(int orders)
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var i = 0; i < orders; i++)
            {
                pit.Buy(Ann, 1, 2_490, TimeInForce.GoodTillDate, untilSeconds: 1_000_000);
                pit.Cancel(Ann, pit.Told[0].Order);
            }
            return GC.GetTotalMemory(forceFullCollection: true) - before;
        }

        Allocated(3_000);
        Allocated(30_000).ShouldBeLessThan(500_000);
        pit.Pass(30).ShouldBe("#1 ends with 1: Expired");
    }
}

/// <summary>Tests that run when no others do.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
