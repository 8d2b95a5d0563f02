using ComputeExchange.Participants.Domain;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.Participants.Tests;

/// <summary>For every log and every one change to it.</summary>
public sealed class AuditChainProperties
{
    [Fact]
    public void A_log_as_it_was_written_is_whole_and_any_one_change_is_found_where_it_was_made() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var log = Write(random.Next(1, 12), random);
            var last = log[^1];
            if (AuditChain.FirstBroken(log, last.Number, last.Hash) is not null) return false;

            var at = random.Next(log.Count);
            var row = log[at];
            var changed = new List<AuditEntry>(log);
            switch (random.Next(7))
            {
                case 0: changed[at] = row with { HappenedTime = row.HappenedTime.AddMicroseconds(1) }; break;
                case 1: changed[at] = row with { Actor = row.Actor + "x" }; break;
                case 2: changed[at] = row with { Act = row.Act[1..] }; break;
                case 3: changed[at] = row with { DetailJson = row.DetailJson + " " }; break;
                case 4: changed[at] = row with { Hash = (row.Hash[0] == 'a' ? "b" : "a") + row.Hash[1..] }; break;
                case 5: changed[at] = row with { Actor = row.Actor[..^1], Act = row.Actor[^1] + row.Act }; break;
                default: changed.RemoveAt(at); break;
            }
            return AuditChain.FirstBroken(changed, last.Number, last.Hash)?.Number == row.Number;
        }));

    [Fact]
    public void A_row_past_the_end_and_another_last_row_are_found()
    {
        var log = Write(3, new Random(1));
        AuditChain.FirstBroken(log, 2, log[1].Hash)!.Number.ShouldBe(3);
        AuditChain.FirstBroken(log, 3, AuditChain.Beginning)!.Number.ShouldBe(3);
        AuditChain.FirstBroken([], 0, AuditChain.Beginning).ShouldBeNull();
    }

    private static List<AuditEntry> Write(int count, Random random)
    {
        var log = new List<AuditEntry>();
        var (number, hash) = (0L, AuditChain.Beginning);
        for (var row = 0; row < count; row++)
        {
            var entry = AuditChain.Next(
                number, hash, Office.Noon.AddMinutes(random.Next(1000)), $"actor {random.Next(100)}", $"act {random.Next(100)}", $"{{\"n\":{random.Next(9)}}}");
            log.Add(entry);
            (number, hash) = (entry.Number, entry.Hash);
        }
        return log;
    }
}
