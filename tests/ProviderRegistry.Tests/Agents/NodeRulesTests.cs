using ComputeExchange.ProviderRegistry.Domain;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Agents;

/// <summary>How many GPUs of a node can be sold.</summary>
public sealed class NodeRulesTests
{
    private static readonly NodeCondition Whole = new(NodeStanding.Verified, Lost: false, new GpuCounts(8, 0, 0, 0), KeepCount: 0, SoldPeak: 0, ScorePpm: 950_000);

    [Fact]
    public void A_verified_node_sells_all_of_it() => Sellable.Of(Whole).ShouldBe(new Sellable(8, ""));

    [Fact]
    public void What_the_owner_uses_counts_towards_what_is_kept_anyway()
    {
        Sellable.Of(Whole with { KeepCount = 2 }).GpuCount.ShouldBe(6);
        Sellable.Of(Whole with { KeepCount = 2, Gpus = new GpuCounts(8, 0, 0, Busy: 1) }).GpuCount.ShouldBe(6);
        Sellable.Of(Whole with { KeepCount = 2, Gpus = new GpuCounts(8, 0, 0, Busy: 3) }).GpuCount.ShouldBe(5);
        Sellable.Of(Whole with { KeepCount = 64 }).GpuCount.ShouldBe(0);
    }

    [Fact]
    public void What_is_sold_stays_sold_whatever_the_owner_does_as_long_as_there_are_GPUs_for_it()
    {
        Sellable.Of(Whole with { SoldPeak = 6, KeepCount = 4 }).GpuCount.ShouldBe(6);
        Sellable.Of(Whole with { SoldPeak = 6, Standing = NodeStanding.Unverified }).GpuCount.ShouldBe(6);
        Sellable.Of(Whole with { SoldPeak = 6, ScorePpm = 899_999 }).GpuCount.ShouldBe(6);
        Sellable.Of(Whole with { SoldPeak = 6, Gpus = new GpuCounts(8, Unhealthy: 3, 0, 0) }).GpuCount.ShouldBe(5);
    }

    [Fact]
    public void A_node_that_is_suspended_lost_or_retired_sells_nothing()
    {
        foreach (var node in new[] { Whole with { Standing = NodeStanding.Suspended }, Whole with { Standing = NodeStanding.Retired }, Whole with { Lost = true } })
        {
            var sellable = Sellable.Of(node with { SoldPeak = 8 });
            sellable.GpuCount.ShouldBe(0);
            sellable.Reason.ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void The_most_sold_at_a_time_is_not_the_sum_of_what_follows_on_each_other()
    {
        var at = Registry.Noon;
        SoldSpan.Peak([]).ShouldBe(0);
        SoldSpan.Peak([new(4, at, at.AddHours(2)), new(4, at.AddHours(2), at.AddHours(3)), new(2, at.AddHours(1), at.AddHours(4))]).ShouldBe(6);
    }
}
