using System.Diagnostics;
using ComputeExchange.Facts.Storage;
using Microsoft.EntityFrameworkCore;
using Shouldly;

namespace ComputeExchange.Contracts.Tests.Facts;

/// <summary>Judges by the tables alone whether every fact was told without a gap, and applied once and in order.</summary>
public static class ExactlyOnce
{
    /// <summary>Waits until every service has applied what there is, then finds no complaint.</summary>
    public static async Task ShouldHold(this World world, TimeSpan atMost)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var complaints = await Complaints(world);
            if (complaints.Count == 0) return;
            if (Stopwatch.GetElapsedTime(started) > atMost) complaints.ShouldBeEmpty();
            await Task.Delay(50);
        }
    }

    /// <summary>What is wrong; empty when nothing is.</summary>
    public static async Task<IReadOnlyList<string>> Complaints(World world)
    {
        var complaints = new List<string>();
        await using var teller = world.Teller();
        await using var relay = world.Relay();
        await using var alpha = world.Alpha();
        var told = await Told(teller, complaints);
        var passedOn = await Told(relay, complaints);
        Deeds(await teller.Deeds.AsNoTracking().ToListAsync(), told, complaints);
        await Heard(alpha, "teller", told, complaints);
        await Heard(alpha, "relay", passedOn, complaints);
        await Heard(relay, "teller", told, complaints);
        return complaints;
    }

    private static async Task<List<FactRow>> Told(ServiceDb db, List<string> complaints)
    {
        var facts = await db.Facts.AsNoTracking().OrderBy(fact => fact.Number).ToListAsync();
        if (!facts.Select(fact => fact.Number).SequenceEqual(Enumerable.Range(1, facts.Count).Select(number => (long)number)))
            complaints.Add($"The {facts.Count} facts of {db.Schema} are not numbered 1 to {facts.Count}.");
        var head = await db.FactHead.AsNoTracking().SingleAsync();
        if (head.LastNumber != facts.Count) complaints.Add($"{db.Schema} told {facts.Count} facts and says it told {head.LastNumber}.");
        return facts;
    }

    /// <summary>What was done was told whole and together; what was not done was not told.</summary>
    private static void Deeds(List<DeedRow> deeds, List<FactRow> told, List<string> complaints)
    {
        var expected = deeds.ToDictionary(deed => deed.Id, deed => deed.Facts);
        foreach (var facts in told.Where(fact => Effect.Of(fact) is not null).GroupBy(Lease))
        {
            if (!expected.Remove(facts.Key, out var count)) complaints.Add($"Deed {facts.Key} was undone, and {facts.Count()} facts tell of it.");
            else if (count != facts.Count()) complaints.Add($"Of deed {facts.Key} {facts.Count()} facts were told instead of {count}.");
        }
        if (expected.Count > 0) complaints.Add($"Of deeds {string.Join(", ", expected.Keys)} nothing was told.");
    }

    private static async Task Heard(HearerDb db, string producer, List<FactRow> told, List<string> complaints)
    {
        var expected = told.Select(Effect.Of).OfType<string>().ToList();
        var applied = await db.Applied.AsNoTracking()
            .Where(effect => effect.Producer == producer).OrderBy(effect => effect.Position).ThenBy(effect => effect.Id).Select(effect => effect.Fact).ToListAsync();
        if (!applied.SequenceEqual(expected))
        {
            var differs = applied.Zip(expected).TakeWhile(pair => pair.First == pair.Second).Count();
            complaints.Add(
                $"{db.Schema} applied {applied.Count} of the {expected.Count} facts of {producer}; at {differs + 1} "
                + $"'{applied.ElementAtOrDefault(differs)}' instead of '{expected.ElementAtOrDefault(differs)}'.");
        }

        var chain = await db.Chains.AsNoTracking().SingleOrDefaultAsync(link => link.Producer == producer);
        if ((chain?.Hash ?? "") != expected.Aggregate("", Effect.NextLink)) complaints.Add($"{db.Schema} applied the facts of {producer} in another order.");

        var cursor = await db.Cursors.AsNoTracking().SingleOrDefaultAsync(c => c.Producer == producer);
        if ((cursor?.AppliedNumber ?? 0) != told.Count) complaints.Add($"{db.Schema} believes to have applied {cursor?.AppliedNumber ?? 0} of the {told.Count} facts of {producer}.");
    }

    private static long Lease(FactRow fact)
    {
        using var body = System.Text.Json.JsonDocument.Parse(fact.Body);
        return body.RootElement.GetProperty("leaseId").GetInt64();
    }
}
