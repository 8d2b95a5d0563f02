using ComputeExchange.ProviderRegistry.Domain;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests;

/// <summary>For every set of leases that never sells an hour beyond the node's GPUs.</summary>
public sealed class GpuNamingProperties
{
    private static readonly DateTimeOffset Start = Registry.Noon;

    [Fact]
    public void GPUs_that_are_free_are_found_below_the_nodes_count_and_never_given_twice_at_a_time() => Hold((node, leases, random) =>
    {
        // Leases become known late now and then; the job comes at any interval.
        var late = leases.ToDictionary(lease => lease.LeaseId, lease => random.Next(4) == 0 ? random.Next(300) : 0);
        var named = new Dictionary<long, (IReadOnlyList<int> Gpus, DateTimeOffset At)>();
        var until = DateTimeOffset.MinValue;
        for (var due = Start; due <= Start.AddHours(20); due = due.AddMinutes(10 * random.Next(1, 12)))
        {
            var known = leases.Where(lease => lease.FromTime.AddMinutes(late[lease.LeaseId]) <= due && !named.ContainsKey(lease.LeaseId)).ToList();
            var before = until;
            var holdings = leases.Where(lease => named.ContainsKey(lease.LeaseId) && lease.ToTime > before)
                .Select(lease => new Holding(named[lease.LeaseId].Gpus, lease.ToTime));
            (var namings, until) = GpuNaming.Name(known, holdings, until);
            foreach (var naming in namings)
            {
                var lease = leases.Single(lease => lease.LeaseId == naming.LeaseId);
                named.Add(naming.LeaseId, (naming.Gpus, lease.FromTime > before ? lease.FromTime : before));
            }
        }

        var whole = named.Where(name => name.Value.Gpus.Count > 0).Select(name => (Lease: leases.Single(l => l.LeaseId == name.Key), name.Value.Gpus, name.Value.At)).ToList();
        return named.Count == leases.Count
            && whole.All(one => one.Gpus.Count == one.Lease.GpuCount && one.Gpus.All(gpu => gpu >= 0 && gpu < node))
            && named.Where(name => name.Value.Gpus.Count == 0).All(name => leases.Single(l => l.LeaseId == name.Key).ToTime <= until)
            && whole.All(one => whole.All(other => one.Lease.LeaseId == other.Lease.LeaseId
                || Math.Max(one.At.Ticks, other.At.Ticks) >= Math.Min(one.Lease.ToTime.Ticks, other.Lease.ToTime.Ticks)
                || !one.Gpus.Intersect(other.Gpus).Any()));
    });

    [Fact]
    public void Leases_known_in_time_are_all_named_however_the_job_is_cut() => Hold((_, leases, random) =>
    {
        var at = leases.Select(lease => lease.FromTime).Max();
        var (once, _) = GpuNaming.Name(leases, [], DateTimeOffset.MinValue);

        var middle = Start.AddMinutes(10 * random.Next(0, 80));
        var (first, until) = GpuNaming.Name(leases.Where(lease => lease.FromTime <= middle), [], DateTimeOffset.MinValue);
        var holdings = first.Select(naming => new Holding(naming.Gpus, leases.Single(lease => lease.LeaseId == naming.LeaseId).ToTime));
        var (second, _) = GpuNaming.Name(leases.Where(lease => lease.FromTime > middle && lease.FromTime <= at), holdings, until);
        return Text(once).SequenceEqual(Text(first.Concat(second))) && once.All(naming => naming.Gpus.Count > 0);
    });

    [Fact]
    public void A_lease_known_after_its_end_has_no_GPUs()
    {
        var (namings, until) = GpuNaming.Name([new Beginning(1, 2, Start, Start.AddHours(1))], [], Start.AddHours(1));
        namings.ShouldHaveSingleItem().Gpus.ShouldBeEmpty();
        until.ShouldBe(Start.AddHours(1));
    }

    private static IEnumerable<string> Text(IEnumerable<Naming> namings) =>
        namings.OrderBy(naming => naming.LeaseId).Select(naming => $"{naming.LeaseId}:{string.Join(',', naming.Gpus)}");

    private static void Hold(Func<int, IReadOnlyList<Beginning>, Random, bool> property) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(400),
            Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
            {
                var random = new Random(seed);
                var node = random.Next(1, 9);
                return property(node, Sell(node, random), random);
            }));

    /// <summary>Leases of whole hours, or from now to the end of the hour, as an engine sells them: no hour beyond the node.</summary>
    private static List<Beginning> Sell(int node, Random random)
    {
        var free = Enumerable.Repeat(node, 12).ToArray();
        var leases = new List<Beginning>();
        for (var attempt = 0; attempt < 40; attempt++)
        {
            var first = random.Next(12);
            var hours = random.Next(1, 13 - first);
            var gpus = random.Next(1, node + 1);
            if (Enumerable.Range(first, hours).Any(hour => free[hour] < gpus)) continue;
            for (var hour = first; hour < first + hours; hour++) free[hour] -= gpus;
            var minutes = random.Next(3) == 0 ? random.Next(59) : 0;
            leases.Add(new Beginning(leases.Count + 1, gpus, Start.AddHours(first).AddMinutes(minutes), Start.AddHours(first + hours)));
        }
        return leases;
    }
}
