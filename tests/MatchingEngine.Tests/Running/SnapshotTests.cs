using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.Testing;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Running.Engines;

namespace ComputeExchange.MatchingEngine.Tests.Running;

/// <summary>A start from a snapshot gives what a start from the first command gives, and a bad snapshot costs time, nothing else.</summary>
public sealed class SnapshotTests(PostgresServer postgres) : IAsyncLifetime
{
    private const string Newest = "sequence = (SELECT max(sequence) FROM matching_engine.snapshots)";

    private Engines _engines = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _engines = await Over(postgres);

    public ValueTask DisposeAsync() => _engines.DisposeAsync();

    [Fact]
    public async Task Snapshots_are_taken_on_schedule_and_the_newest_three_are_kept()
    {
        await Fill();
        (await _engines.Scalar("SELECT count(*) FROM matching_engine.snapshots")).ShouldBe(3);
        var (oldest, newest) = await _engines.Store.Kept(Cancel);
        newest.ShouldBeGreaterThan(oldest);
        oldest.ShouldBeGreaterThan(300);
    }

    [Fact]
    public async Task A_start_from_a_snapshot_reads_only_what_came_after_it_and_ends_in_the_same_state()
    {
        var before = await Fill();
        var (_, newest) = await _engines.Store.Kept(Cancel);
        var from = await StandingAfterARestart($"Restored the snapshot after command {newest},");
        from.ShouldBe(before);

        await _engines.Execute("DELETE FROM matching_engine.snapshots");
        (await StandingAfterARestart("Read 600 commands")).ShouldBe(before);
    }

    [Theory]
    [InlineData("state", "its bytes are not those that were written")]
    [InlineData("chain_hash", "its bytes are not those that were written")]
    [InlineData("checksum", "its bytes are not those that were written")]
    public async Task A_snapshot_with_one_changed_byte_is_skipped_for_the_one_before(string column, string why)
    {
        var before = await Fill();
        await _engines.Execute($"UPDATE matching_engine.snapshots SET {column} = set_byte({column}, length({column}) / 2, get_byte({column}, length({column}) / 2) # 1) WHERE {Newest}");
        (await StandingAfterARestart("is skipped: " + why, "Restored the snapshot")).ShouldBe(before);
    }

    [Fact]
    public async Task A_snapshot_of_another_format_is_skipped()
    {
        var before = await Fill();
        await Replace(state => state[0]++);
        (await StandingAfterARestart($"The state is in format {Core.Exchange.StateFormat + 1}", "Restored the snapshot")).ShouldBe(before);
    }

    [Fact]
    public async Task A_torn_snapshot_whose_checksum_fits_is_skipped()
    {
        var before = await Fill();
        await Replace(state => Array.Clear(state, state.Length / 2, state.Length / 2));
        (await StandingAfterARestart("is skipped", "Restored the snapshot")).ShouldBe(before);
    }

    [Fact]
    public async Task A_snapshot_of_another_history_is_skipped()
    {
        var before = await Fill();
        await Replace(_ => { }, new byte[32]);
        (await StandingAfterARestart("the journal has another history", "Restored the snapshot")).ShouldBe(before);
    }

    [Fact]
    public async Task When_no_snapshot_is_good_the_journal_is_read_from_its_first_command()
    {
        var before = await Fill();
        await _engines.Execute("UPDATE matching_engine.snapshots SET state = substring(state for 100)");
        (await StandingAfterARestart("Read 600 commands")).ShouldBe(before);
    }

    [Fact]
    public async Task A_command_older_than_memory_goes_back_still_gets_its_first_outcome()
    {
        await Fill();
        var engine = await _engines.Start();
        var repeat = await engine.Engine.Submit(Id(5), Credit(5), Cancel);
        repeat.RepeatedCommand.ShouldBeTrue();
        repeat.Events.ShouldHaveSingleItem().CollateralCredited.AmountMicros.ShouldBe(1_000_005);
        await Should.ThrowAsync<CommandIdReusedException>(() => engine.Engine.Submit(Id(6), Credit(5), Cancel));
        (await engine.Standing()).Sequence.ShouldBe(600);
    }

    [Fact]
    public async Task What_a_bid_was_traced_with_is_known_after_a_start_from_a_snapshot()
    {
        var traces = new EventTraces();
        traces.Write([new() { Event = new() { BidPlaced = new() { BidId = 7 } } }], new(), "00-11111111111111111111111111111111-1111111111111111-01");
        traces.Write([new() { Event = new() { RunClosed = new() } }], new(), "run");
        using var bytes = new MemoryStream();
        traces.Write(new BinaryWriter(bytes));
        bytes.Position = 0;
        var again = new EventTraces();
        again.Read(new BinaryReader(bytes));
        (again.OpenBids, again.Run).ShouldBe((1, "run"));
        await Task.CompletedTask;
    }

    /// <summary>Six hundred commands with a snapshot after every hundred or so.</summary>
    private async Task<string> Fill()
    {
        var engine = await _engines.Start(snapshotEvery: 60);
        for (var i = 0; i < 600; i += 20)
        {
            await Credits(engine, i, 20);
            await Task.Delay(10, Cancel);
        }
        await Task.Delay(200, Cancel);
        var standing = await engine.Standing();
        await engine.Stop();
        return Of(standing);
    }

    private async Task<string> StandingAfterARestart(params string[] says)
    {
        var engine = await _engines.Start();
        foreach (var sentence in says) engine.Log.All.ShouldContain(sentence);
        var standing = await engine.Standing();
        await engine.Stop();
        return Of(standing);
    }

    private static string Of(EngineStanding standing) => $"{standing.Sequence} {standing.FeedNumber} {standing.JournalHash} {standing.StateHash}";

    /// <summary>Puts another snapshot with a right checksum in place of the newest.</summary>
    private async Task Replace(Action<byte[]> change, byte[]? chain = null)
    {
        Snapshot? newest = null;
        await foreach (var snapshot in _engines.Store.Snapshots(Cancel))
        {
            newest = snapshot;
            break;
        }
        var state = newest!.State;
        change(state);
        await _engines.Execute($"DELETE FROM matching_engine.snapshots WHERE {Newest}");
        await _engines.Store.Save(Snapshot.Of(newest.Sequence, newest.FeedNumber, newest.EngineVersion, chain ?? newest.ChainHash, state), kept: 3, Cancel);
    }
}
