using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Testing;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>The engine that owns the shard is killed, frozen and cut off under a stream of commands, and the standby takes over.</summary>
public sealed class StandbyTests(PostgresServer postgres, ITestOutputHelper output) : IClassFixture<PostgresServer>
{
    /// <summary>What is promised is three seconds; the rest is for a machine that does other things besides.</summary>
    private static readonly TimeSpan LongestOutage = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_engine_costs_no_acknowledged_command_and_none_twice() => await Under(async (engines, deposits) =>
    {
        EnginePair.Signal(engines.First, "KILL");
        await Task.Delay(TimeSpan.FromSeconds(4), Cancel);
    });

    [Fact]
    public async Task A_frozen_engine_finds_itself_fenced_when_it_wakes_and_becomes_the_standby() => await Under(async (engines, deposits) =>
    {
        EnginePair.Signal(engines.First, "STOP");
        await Task.Delay(TimeSpan.FromSeconds(5), Cancel);
        (await engines.Standing(1)).ShouldStartWith("owner");
        var rows = await engines.Scalar<long>("SELECT count(*) FROM matching_engine.commands WHERE epoch = 1");
        EnginePair.Signal(engines.First, "CONT");
        await engines.Until(0, "standby", TimeSpan.FromSeconds(15));
        await Task.Delay(TimeSpan.FromSeconds(1), Cancel);
        (await engines.Scalar<long>("SELECT count(*) FROM matching_engine.commands WHERE epoch = 1")).ShouldBe(rows);
    }, firstComesBack: true);

    [Fact]
    public async Task An_engine_that_is_cut_off_from_the_database_gives_up_and_follows_when_the_wire_is_mended() => await Under(async (engines, deposits) =>
    {
        engines.Wire.Cut();
        await engines.Until(1, "owner", TimeSpan.FromSeconds(10));
        await Task.Delay(TimeSpan.FromSeconds(3), Cancel);
        var rows = await engines.Scalar<long>("SELECT count(*) FROM matching_engine.commands WHERE epoch = 1");
        engines.Wire.Mend();
        await engines.Until(0, "standby", TimeSpan.FromSeconds(20));
        (await engines.Scalar<long>("SELECT count(*) FROM matching_engine.commands WHERE epoch = 1")).ShouldBe(rows);
    }, firstComesBack: true);

    private async Task Under(Func<EnginePair, Deposits, Task> fault, bool firstComesBack = false)
    {
        await using var engines = await EnginePair.Start(postgres);
        var deposits = new Deposits(engines, callers: 8);
        deposits.Begin(Cancel);
        for (var i = 0; i < 600 && deposits.Acknowledged.Count < 200; i++) await Task.Delay(50, Cancel);
        var before = deposits.Acknowledged.Count;
        var began = deposits.Now;
        await fault(engines, deposits);
        await engines.Until(1, "owner", TimeSpan.FromSeconds(10));
        await Task.Delay(TimeSpan.FromSeconds(1), Cancel);
        await deposits.End();

        var all = deposits.Acknowledged;
        var (from, to) = deposits.Outage();
        output.WriteLine(
            $"{before} acknowledged before the fault, {all.Count - before} after it; nothing for {(to - from).TotalMilliseconds:0} ms, the next {(to - began).TotalMilliseconds:0} ms after the fault");
        output.WriteLine(engines.Second.Printed);
        before.ShouldBeGreaterThanOrEqualTo(200);
        all.Count.ShouldBeGreaterThan(before);
        (to - from).ShouldBeLessThan(LongestOutage);

        // Everything acknowledged is in the history where it was said to be, once, and its money with it.
        var journaled = await engines.Journaled();
        foreach (var (id, sequence, _, _) in all) journaled[id].ShouldBe(sequence);
        var caller = engines.Caller();
        var held = await Patience.Ask(
            () => caller.Engine.GetHoldingsAsync(new GetHoldingsRequest { ParticipantId = Deposits.Participant }, cancellationToken: Cancel).ResponseAsync, TimeSpan.FromSeconds(10), Cancel);
        held.Holdings.ShouldHaveSingleItem().CollateralMicros.ShouldBe(all.Sum(one => one.Micros));

        // One owner after the other, never back.
        (await engines.Scalar<long>("SELECT count(*) FROM (SELECT epoch < lag(epoch) OVER (ORDER BY sequence) AS back FROM matching_engine.commands) AS c WHERE back")).ShouldBe(0);
        (await engines.Scalar<long>("SELECT count(DISTINCT epoch) FROM matching_engine.commands")).ShouldBe(2);
        if (!firstComesBack) return;
        var owner = await engines.Standing(1);
        string standby;
        for (var i = 0; Of(standby = await engines.Standing(0)) != Of(owner) && i < 50; i++)
        {
            await Task.Delay(100, Cancel);
            owner = await engines.Standing(1);
        }
        Of(standby).ShouldBe(Of(owner));
    }

    /// <summary>The journal's hash and the state's.</summary>
    private static string Of(string standing) => standing[Math.Max(0, standing.IndexOf("journal=", StringComparison.Ordinal))..];
}
