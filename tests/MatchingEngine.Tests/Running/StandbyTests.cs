using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Testing;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Running.Engines;

namespace ComputeExchange.MatchingEngine.Tests.Running;

/// <summary>Two engines over one journal: one serves, the other follows and is ready. That processes really die is tested end to end.</summary>
public sealed class StandbyTests(PostgresServer postgres) : IAsyncLifetime
{
    private Engines _engines = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _engines = await Over(postgres);

    public ValueTask DisposeAsync() => _engines.DisposeAsync();

    [Fact]
    public async Task A_standby_holds_what_the_owner_holds_and_answers_nothing()
    {
        var (owner, standby) = await Pair();
        await Credits(owner, 0, 1_500);
        await CaughtUp(standby, 1_500);

        var (theirs, mine) = (await owner.Standing(), await standby.Standing());
        (mine.Owner, theirs.Owner).ShouldBe((false, true));
        (mine.Sequence, mine.FeedNumber, mine.JournalHash, mine.StateHash).ShouldBe((theirs.Sequence, theirs.FeedNumber, theirs.JournalHash, theirs.StateHash));
        var refusal = await Should.ThrowAsync<EngineUnavailableException>(() => standby.Engine.Submit(Id(9_999), Credit(1), Cancel));
        refusal.Message.ShouldStartWith("This engine is a standby");
        await Should.ThrowAsync<EngineUnavailableException>(() => standby.Engine.Ask((exchange, _) => exchange.Now, Cancel));
    }

    [Fact]
    public async Task A_standby_takes_over_at_once_when_the_owner_gives_the_shard_up_and_knows_every_command()
    {
        var (owner, standby) = await Pair();
        await Credits(owner, 0, 300);
        await owner.Stop();
        var began = TimeProvider.System.GetTimestamp();
        var next = await Patiently(() => standby.Engine.Submit(Id(300), Credit(300), Cancel));
        TimeProvider.System.GetElapsedTime(began).TotalSeconds.ShouldBeLessThan(1.5);
        next.Sequence.ShouldBe(301);
        (await standby.Engine.Submit(Id(7), Credit(7), Cancel)).RepeatedCommand.ShouldBeTrue();
        standby.Log.All.ShouldNotContain("Read 3");
    }

    [Fact]
    public async Task The_standby_takes_the_snapshots_and_the_owner_only_where_nobody_does()
    {
        var (owner, standby) = await Pair(snapshotEvery: 100);
        for (var i = 0; i < 500; i += 50)
        {
            await Credits(owner, i, 50);
            await CaughtUp(standby, i + 50);
        }
        var (_, newest) = await _engines.Store.Kept(Cancel);
        newest.ShouldBeGreaterThan(300);
        await standby.Stop();

        for (var i = 500; i < 1_000; i += 50)
        {
            await Credits(owner, i, 50);
            await Task.Delay(20, Cancel);
        }
        await Until(async () => (await _engines.Store.Kept(Cancel)).Newest > 700);
        (await _engines.Store.Kept(Cancel)).Newest.ShouldBeGreaterThan(700);
    }

    [Fact]
    public async Task An_owner_whose_journal_is_silent_for_as_long_as_its_lease_acknowledges_nothing_and_becomes_the_standby()
    {
        var silent = new SilentStore(_engines.Store);
        var owner = _engines.New(store: silent);
        await owner.Engine.StartAsync(Cancel);
        await Patiently(() => owner.Engine.Submit(Id(1), Credit(1), Cancel));
        var standby = _engines.New();
        await standby.Engine.StartAsync(Cancel);

        // The next append goes nowhere and never comes back, as over a network that swallows everything.
        silent.IsSilent = true;
        await Should.ThrowAsync<EngineUnavailableException>(() => owner.Engine.Submit(Id(2), Credit(2), Cancel).WaitAsync(TimeSpan.FromSeconds(6), Cancel));
        var answer = await Patiently(() => standby.Engine.Submit(Id(2), Credit(2), Cancel));
        (answer.Sequence, answer.RepeatedCommand, standby.Engine.Epoch).ShouldBe((2, false, 2));

        silent.IsSilent = false;
        await CaughtUp(owner, 2);
        (await owner.Standing()).Owner.ShouldBeFalse();
        owner.Log.All.ShouldContain("The journal has not answered for 2 seconds.");
    }

    [Fact]
    public async Task A_standby_that_holds_another_state_halts_and_never_takes_over()
    {
        var (owner, standby) = await Pair();
        await Credits(owner, 0, 10);
        await CaughtUp(standby, 10);
        await _engines.Execute("""
            CREATE FUNCTION matching_engine.spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.hash := decode(repeat('ab', 32), 'hex'); RETURN NEW; END $$;
            CREATE TRIGGER spoil BEFORE INSERT ON matching_engine.commands FOR EACH ROW EXECUTE FUNCTION matching_engine.spoil()
            """);
        await owner.Engine.Submit(Id(10), Credit(10), Cancel);
        await standby.Engine.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        standby.Log.All.ShouldContain("The shard is halted: the hash of command 11 is not what it was.");
        standby.Engine.IsServing.ShouldBeFalse();
    }

    [Fact]
    public async Task A_standby_that_has_read_what_the_database_then_lost_reads_the_history_anew_and_does_not_halt()
    {
        var first = await _engines.Start();
        for (var i = 0; i < 5; i++) await first.Engine.Submit(Id(i), Credit(i), Cancel);
        await first.Stop();
        await using var writer = await Journal.Open(_engines.Database, "writer", Cancel);
        (await writer.TryOwn()).ShouldBeTrue();
        var standby = _engines.New();
        await standby.Engine.StartAsync(Cancel);
        await CaughtUp(standby, 5);

        // The database fails over to a server that never had the last command; the history goes on with others.
        await writer.Renew();
        await _engines.Execute("DELETE FROM matching_engine.events WHERE sequence = 5; DELETE FROM matching_engine.commands WHERE sequence = 5");
        var other = new Replica();
        await foreach (var entry in _engines.Store.Read(0, Cancel)) other.Read(entry);
        await writer.Append([.. Enumerable.Range(10, 2).Select(number => other.Decide(
            Id(number), Credit(number), Wire.ToCore(Credit(number)), Google.Protobuf.MessageExtensions.ToByteArray(Credit(number)), "", DateTimeOffset.UnixEpoch.AddYears(60)))]);

        await CaughtUp(standby, 6);
        var standing = await standby.Standing();
        (standing.Sequence, standing.JournalHash, standing.StateHash).ShouldBe((6, Convert.ToHexStringLower(other.Hash), other.Exchange.StateHash()));
        standby.Log.All.ShouldNotContain("halted");
        await writer.Release();
    }

    private async Task<(RunningEngine Owner, RunningEngine Standby)> Pair(int snapshotEvery = 100_000)
    {
        var owner = await _engines.Start(snapshotEvery);
        var standby = _engines.New(snapshotEvery);
        await standby.Engine.StartAsync(Cancel);
        return (owner, standby);
    }

    private static Task CaughtUp(RunningEngine standby, long sequence) => Until(async () =>
    {
        try
        {
            return (await standby.Standing()).Sequence >= sequence;
        }
        catch (EngineUnavailableException)
        {
            return false;
        }
    });

    /// <summary>A journal that at times swallows what is written and never answers.</summary>
    private sealed class SilentStore(IJournalStore store) : IJournalStore
    {
        public volatile bool IsSilent;

        public async Task<IJournal> Open(string owner, CancellationToken cancel) => new SilentJournal(this, await store.Open(owner, cancel));

        public IAsyncEnumerable<JournalEntry> Read(long after, CancellationToken cancel) => store.Read(after, cancel);

        public Task<IReadOnlyList<FeedEntry>> ReadFeed(long from, int atMost, CancellationToken cancel) => store.ReadFeed(from, atMost, cancel);

        public Task<IReadOnlyList<FeedEntry>> ReadOutcome(long sequence, CancellationToken cancel) => store.ReadOutcome(sequence, cancel);

        public Task<IReadOnlyDictionary<Guid, KnownCommand>> Find(IReadOnlyCollection<Guid> commandIds, CancellationToken cancel) => store.Find(commandIds, cancel);

        public Task Save(Snapshot snapshot, int kept, CancellationToken cancel) => store.Save(snapshot, kept, cancel);

        public Task<(long Oldest, long Newest)> Kept(CancellationToken cancel) => store.Kept(cancel);

        public IAsyncEnumerable<Snapshot> Snapshots(CancellationToken cancel) => store.Snapshots(cancel);

        private Task<T> Maybe<T>(Func<Task<T>> call) => IsSilent ? new TaskCompletionSource<T>().Task : call();

        private Task Maybe(Func<Task> call) => IsSilent ? new TaskCompletionSource().Task : call();

        private sealed class SilentJournal(SilentStore store, IJournal journal) : IJournal
        {
            public long Epoch => journal.Epoch;

            public Task<bool> TryOwn() => store.Maybe(journal.TryOwn);

            public Task Renew() => store.Maybe(journal.Renew);

            public Task Release() => store.Maybe(journal.Release);

            public Task Append(IReadOnlyList<JournalEntry> group) => store.Maybe(() => journal.Append(group));

            public ValueTask DisposeAsync() => journal.DisposeAsync();
        }
    }
}
