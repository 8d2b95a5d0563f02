using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Testing;
using ComputeExchange.Values;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Shouldly;
using Xunit;
using static ComputeExchange.MatchingEngine.Tests.Running.Engines;

namespace ComputeExchange.MatchingEngine.Tests.Running;

/// <summary>A rule that changed does not rewrite the past, and a difference that nobody declared halts the shard.</summary>
public sealed class RulesByVersionTests(PostgresServer postgres) : IAsyncLifetime
{
    private Engines _engines = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _engines = await Over(postgres);

    public ValueTask DisposeAsync() => _engines.DisposeAsync();

    [Fact]
    public async Task A_history_told_under_the_first_rules_reads_as_it_was_told_and_goes_on_under_the_present_ones()
    {
        await Tell("1", Credit(1), Debit());
        var engine = await _engines.Start();
        (await engine.Engine.Submit(Id(2), Debit(), Cancel)).Events.ShouldHaveSingleItem().CommandRefused.Message
            .ShouldEndWith("the rest is reserved for bids or bonded.");
        (await engine.Engine.Submit(Id(3), Debit(), Cancel)).Events.ShouldHaveSingleItem().CommandRefused.Message
            .ShouldEndWith("the rest is reserved for bids, bonded, or margin for futures.");
        await engine.Stop();

        var again = await _engines.Start();
        (await again.Standing()).Sequence.ShouldBe(3);
    }

    [Fact]
    public async Task A_bid_in_two_markets_that_the_second_rules_refused_stays_refused_and_is_taken_under_the_third()
    {
        var bid = TwoMarkets();
        await Tell("2", Market("A.x"), Market("B.x"), Buyer(), Credit(1), bid);
        var engine = await _engines.Start();
        (await engine.Engine.Submit(Id(5), bid, Cancel)).Events.ShouldHaveSingleItem().CommandRefused.Message.ShouldBe("names 2; one is possible.");
        (await engine.Engine.Submit(Id(6), bid, Cancel)).Events.ShouldHaveSingleItem().BidPlaced.Bid.Markets.ShouldBe(["A.x", "B.x"]);
        await engine.Stop();

        var again = await _engines.Start();
        (await again.Standing()).Sequence.ShouldBe(6);
    }

    [Fact]
    public async Task Settings_told_before_there_were_blocks_with_windows_read_as_they_were_told()
    {
        var settings = new ChangeSettings
        {
            SlotMinutes = 60, HorizonSlotCount = 48, GateMinutes = 10, RunIntervalSeconds = 60, TickMicros = 1_000, HighestPriceMicrosPerGpuHour = 50_000_000,
            BidGpuCountMax = 4_096, OpenBidCountMax = 1_000, PromptMinutesMin = 5, SolverNodeCountMax = 1_000, SolveAgainSeconds = 20, SolveAttemptCountMax = 5,
        };
        var change = new EngineCommand { ChangeSettings = settings };
        await Tell("2", change);
        var engine = await _engines.Start();
        (await engine.Engine.Submit(Id(1), change, Cancel)).Events.ShouldHaveSingleItem().SettingsChanged.ShouldBe(settings);
        var blocks = settings.Clone();
        blocks.OpenBlockCountMax = 7;
        (await engine.Engine.Submit(Id(2), new EngineCommand { ChangeSettings = blocks }, Cancel)).Events.ShouldHaveSingleItem().SettingsChanged.ShouldBe(blocks);
    }

    [Fact]
    public async Task A_history_told_under_rules_that_this_engine_does_not_know_halts_the_shard()
    {
        await Tell("1", Credit(1));
        await _engines.Execute("UPDATE matching_engine.commands SET engine_version = '77'");
        (await Halted()).ShouldContain("The shard is halted: command 1 was told under version 77 of the rules, and this engine knows them up to version 5: start the newer engine.");
    }

    [Fact]
    public async Task A_history_whose_rules_were_changed_without_a_version_halts_the_shard()
    {
        await Tell("2", rules: "1", Credit(1), Debit());
        (await Halted()).ShouldContain("The shard is halted: command 2 no longer causes what it caused.");
    }

    [Fact]
    public async Task The_state_is_hashed_every_thousand_commands_and_a_difference_halts_the_shard()
    {
        var engine = await _engines.Start();
        await Credits(engine, 0, 2_500);
        await engine.Stop();
        (await _engines.Scalar("SELECT count(*) FROM matching_engine.commands WHERE state_hash IS NOT NULL")).ShouldBe(2);
        await (await _engines.Start()).Stop();

        await _engines.Execute("UPDATE matching_engine.commands SET state_hash = set_byte(state_hash, 20, get_byte(state_hash, 20) # 1) WHERE sequence = 2000");
        (await Halted()).ShouldContain("The shard is halted: the state after command 2000 is not what it was.");
    }

    private static EngineCommand Debit() => new()
    {
        DebitCollateral = new DebitCollateral { ParticipantId = DerivedId.From("someone").ToString(), AmountMicros = 5_000_000_000, Reference = "test" },
    };

    private static EngineCommand Market(string name) => new() { DefineMarket = new DefineMarket { Market = name, State = MarketState.Open } };

    private static EngineCommand Buyer() => new()
    {
        SetParticipant = new SetParticipant { ParticipantId = DerivedId.From("someone").ToString(), MayBuy = true, Active = true },
    };

    private static EngineCommand TwoMarkets()
    {
        var from = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(2);
        var bid = new PlaceBid
        {
            BuyerId = DerivedId.From("someone").ToString(),
            Kind = ComputeExchange.MatchingEngine.V1.BidKind.Divisible,
            GpuCount = 1,
            FromTime = from.ToTimestamp(),
            ToTime = from.AddHours(1).ToTimestamp(),
            LimitMicrosPerGpuHour = 1_000,
        };
        bid.Markets.AddRange(["A.x", "B.x"]);
        return new EngineCommand { PlaceBid = bid };
    }

    private async Task<string> Halted()
    {
        var engine = _engines.New();
        await engine.Engine.StartAsync(Cancel);
        await engine.Engine.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        engine.Engine.IsServing.ShouldBeFalse();
        return engine.Log.All;
    }

    /// <summary>Journals commands as an engine of that version did.</summary>
    private Task Tell(string version, params EngineCommand[] commands) => Tell(version, version, commands);

    private async Task Tell(string version, string rules, params EngineCommand[] commands)
    {
        var exchange = new Exchange();
        var entries = new List<JournalEntry>();
        var hash = new byte[32];
        foreach (var command in commands)
        {
            var sequence = entries.Count + 1;
            var at = DateTimeOffset.UnixEpoch.AddYears(50);
            var events = exchange.Apply(Wire.ToCore(command), at, rules)
                .Select(happened => new FeedEntry { Number = sequence, Sequence = sequence, HappenedTime = at.ToTimestamp(), Event = Wire.ToProto(happened, Id(sequence)) }).ToList();
            hash = JournalEntry.HashOf(hash, sequence, Id(sequence), version, at, command.ToByteArray(), events);
            entries.Add(new JournalEntry(sequence, Id(sequence), version, at, "", command.ToByteArray(), events, hash));
        }
        await using var journal = await Journal.Open(_engines.Database, "old engine", Cancel);
        (await journal.TryOwn()).ShouldBeTrue();
        await journal.Append(entries);
        await journal.Release();
    }
}
