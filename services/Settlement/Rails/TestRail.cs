using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;

namespace ComputeExchange.Settlement.Rails;

/// <summary>A bank of a simulated world that misbehaves on purpose: late, twice, out of order, failing, sending back, and paying what it had said it could not.</summary>
public sealed class TestRail : IPaymentRail
{
    /// <summary>Its name.</summary>
    public const string RailName = "test";

    /// <inheritdoc />
    public string Name => RailName;

    /// <inheritdoc />
    public Handover Handover => Handover.OneByOne;

    /// <inheritdoc />
    public bool NeedsDestination => true;

    /// <inheritdoc />
    public long UnitMicros => 1;

    /// <summary>What becomes of it follows from the seed and its id alone, however often it is given.</summary>
    public Task<string> Send(PaymentRow payment, CancellationToken cancel) => Task.FromResult($"test {payment.Id:N}");
}

/// <summary>Something the test rail will say, and when it says it: perhaps late, perhaps before what happened earlier.</summary>
public sealed record RailTelling(RailEvent Event, DateTimeOffset Told);

/// <summary>What the test rail does with a payment or deposit: from the seed and its name alone.</summary>
public static class Mischief
{
    /// <summary>After this long nothing more is said of a payment.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(20);

    /// <summary>What is said of a payment.</summary>
    public static IReadOnlyList<RailTelling> OfPayment(long seed, Guid payment, Money amount, DateTimeOffset sent)
    {
        var random = RandomFor(seed, payment.ToString());
        RailSays[] story = random.Next(10) switch
        {
            < 5 => [RailSays.PaymentSettled],
            < 7 => [RailSays.PaymentFailed],
            < 8 => [RailSays.PaymentFailed, RailSays.PaymentSettled],
            _ => [RailSays.PaymentSettled, RailSays.PaymentReturned],
        };
        return Tell(random, story, sent, (says, at) => new RailEvent(
            TestRail.RailName, $"{payment:N} {Says(says)}", says, payment, "", $"test {payment:N}", amount, at));
    }

    /// <summary>What is said of money that comes in.</summary>
    public static IReadOnlyList<RailTelling> OfDeposit(long seed, string railReference, string reference, Money amount, DateTimeOffset announced)
    {
        var random = RandomFor(seed, railReference);
        RailSays[] story = random.Next(10) switch
        {
            < 6 => [RailSays.DepositAnnounced, RailSays.DepositSettled],
            < 7 => [RailSays.DepositAnnounced, RailSays.DepositFailed],
            < 8 => [RailSays.DepositSettled],
            _ => [RailSays.DepositAnnounced, RailSays.DepositSettled, RailSays.DepositReversed],
        };
        return Tell(random, story, announced, (says, at) => new RailEvent(
            TestRail.RailName, $"{railReference} {Says(says)}", says, null, reference, railReference, amount, at));
    }

    private static List<RailTelling> Tell(Random random, IEnumerable<RailSays> story, DateTimeOffset from, Func<RailSays, DateTimeOffset, RailEvent> make)
    {
        var (tellings, happened) = (new List<RailTelling>(), from);
        foreach (var says in story)
        {
            happened += TimeSpan.FromMinutes(random.Next(1, 2 * 24 * 60));
            var told = make(says, happened);

            // Late by up to nine days, which turns the order round; and again, once or twice, up to three days later.
            var at = happened + TimeSpan.FromMinutes(random.Next(4) == 0 ? random.Next(9 * 24 * 60) : random.Next(30));
            tellings.Add(new RailTelling(told, at));
            for (var again = random.Next(5) - 2; again > 0; again--) tellings.Add(new RailTelling(told, at + TimeSpan.FromMinutes(random.Next(3 * 24 * 60))));
        }
        return [.. tellings.OrderBy(telling => telling.Told)];
    }

    private static string Says(RailSays says) => says.ToString().ToLowerInvariant();

    private static Random RandomFor(long seed, string name) => new(BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {name}"))));
}
