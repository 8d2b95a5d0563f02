using ComputeExchange.MatchingEngine;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Clients.Scripts;
using ComputeExchange.Simulation.Databases;
using ComputeExchange.Simulation.Time;
using ComputeExchange.Values;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace ComputeExchange.Simulation.Journaling;

/// <summary>What an earlier version of the engine left in the journal, told under the rules of its time.</summary>
internal static class OldHistory
{
    private const string Version = "1";

    /// <summary>The rows of some commands, a refusal among them whose sentence has changed since.</summary>
    public static IReadOnlyList<Change> Rows(Dice dice)
    {
        var changes = new List<Change> { new(JournalTables.Owner, 0, new OwnerRow(1, "an engine of before", ProcessClock.Beginning)) };
        var exchange = new Exchange();
        var (hash, number, at) = (new byte[32], 0L, ProcessClock.Beginning.AddDays(-1));
        var count = dice.Between(2, 20);
        for (var sequence = 1L; sequence <= count; sequence++)
        {
            at = at.AddMilliseconds(dice.Below(10_000));
            var (id, command) = (DerivedId.From("before", sequence), Command(dice));
            var events = exchange.Apply(Wire.ToCore(command), at, Version).Select(happened => new FeedEntry
            {
                Number = ++number, Sequence = sequence, HappenedTime = at.ToTimestamp(), Event = Wire.ToProto(happened, id),
            }).ToList();
            var body = command.ToByteArray();
            hash = JournalEntry.HashOf(hash, sequence, id, Version, at, body, events);
            var row = new CommandRow(sequence, 1, id, Version, at, "", body, hash, null);
            changes.Add(new Change(JournalTables.Commands, (sequence, 0L), row));
            changes.Add(new Change(JournalTables.CommandIds, id, row));
            foreach (var entry in events)
            {
                var happened = new EventRow(entry.Number, sequence, entry.ToByteArray());
                changes.Add(new Change(JournalTables.Events, (entry.Number, 0L), happened));
                changes.Add(new Change(JournalTables.Outcomes, (sequence, entry.Number), happened));
            }
        }
        return changes;
    }

    private static EngineCommand Command(Dice dice) => dice.OnceIn(2)
        ? Bank.Credit(dice.OneOf(People.All), dice.Between(1, 1_000_000))
        : Bank.Debit(dice.OneOf(People.All), dice.Between(1, 2_000_000));
}
