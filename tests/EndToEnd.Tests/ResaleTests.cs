using ComputeExchange.Access.V1;
using ComputeExchange.Client;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.V1;
using ComputeExchange.ProviderRegistry.V1;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values;
using Google.Protobuf.WellKnownTypes;
using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>A lease of which half is sold on: both buyers are served, one report meters both, and the books are exact.</summary>
[Trait("Pace", "any")]
public sealed class ResaleTests
{
    private static readonly DateTimeOffset Noon = Story.Start.AddHours(36);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Half_of_a_lease_is_sold_on_metered_with_the_other_half_and_everyone_is_paid()
    {
        await using var host = await RunningHost.Start();
        using var story = new Story(host.Addresses, host.OperatorKey, Cancel);
        await story.Tell();
        await story.Admit("late comer", Role.Buyer);
        await story.Ask(() => story.Operator.Settlement.DepositAsync(
            new DepositRequest { RequestId = Story.Id("deposit", "late comer"), ParticipantId = Story.Id("participant", "late comer"), AmountMicros = 100 * Money.MicrosPerDollar },
            cancellationToken: Cancel).ResponseAsync);
        await story.MoveClock(Noon.AddHours(-3));
        var (provider, trainer, late) = (await story.As("rack owner", "second key"), await story.As("trainer", "second key"), await story.As("late comer"));
        var (providerHad, trainerHad, lateHad) = (await Total(story, provider), await Total(story, trainer), await Total(story, late));

        // The trainer buys eight GPUs from 12:00 to 14:00 at $2.00 and sells four of them from 13:00 on, at $2.40.
        await story.Ask(() => provider.OrderBook.PlaceOfferAsync(
            new PlaceOfferRequest
            {
                RequestId = Story.Id("second offer"), NodeId = Story.Id("node"), GpuCount = 8, FromTime = Noon.ToTimestamp(), ToTime = Noon.AddHours(2).ToTimestamp(),
                ReserveMicrosPerGpuHour = 1_600_000,
            }, cancellationToken: Cancel).ResponseAsync);
        await Bid(story, trainer, 8, Noon, 2, 2_400_000);
        await story.MoveClock(Noon.AddHours(-2));
        var lease = (await Leases(story, trainer)).Single(lease => lease.FromTime.ToDateTimeOffset() == Noon);
        var resale = await story.Ask(() => trainer.OrderBook.PlaceResaleAsync(
            new PlaceResaleRequest
            {
                RequestId = Story.Id("resale"), LeaseId = lease.LeaseId, GpuCount = 4, FromTime = Noon.AddHours(1).ToTimestamp(), ToTime = Noon.AddHours(2).ToTimestamp(),
                ReserveMicrosPerGpuHour = 2_200_000,
            }, cancellationToken: Cancel).ResponseAsync);
        resale.Offer.LeaseId.ShouldBe(lease.LeaseId);
        await Bid(story, late, 4, Noon.AddHours(1), 1, 2_600_000);
        await story.MoveClock(Noon.AddHours(-1));
        var part = (await Leases(story, late)).ShouldHaveSingleItem();
        (part.ResoldFromLeaseId, part.NodeId, part.GpuCount).ShouldBe((lease.LeaseId, lease.NodeId, 4));

        // The provider delivers the first hour whole and three quarters of the second, and reports its lease alone.
        foreach (var (slot, delivered) in new[] { (0, 28_800L), (1, 21_600L) })
        {
            await story.MoveClock(Noon.AddHours(slot + 1));
            await story.Ask(() => provider.Registry.ReportMeterAsync(
                new ReportMeterRequest { LeaseId = lease.LeaseId, SlotIndex = slot, DeliveredGpuSeconds = delivered }, cancellationToken: Cancel).ResponseAsync);
        }
        await story.MoveClock(Noon.AddHours(3));
        await story.EveryFactIsApplied();
        var metered = (await Leases(story, late)).ShouldHaveSingleItem();
        (metered.State, metered.Meters.ShouldHaveSingleItem().DeliveredGpuSeconds).ShouldBe((LeaseState.Failed, 10_800));

        // 14 of the provider's 16 GPU-hours at $2. For the two that are missing the trainer gets what a replacement would have cost more, a tenth
        // above the slot's last price, which is that of the resale; and gives the late comer a tenth of $2.40 for the one that it misses.
        var (compensated, compensates) = (640_000L * 2, 240_000L);
        (await Total(story, provider) - providerHad).ShouldBe((2_000_000L * 14 * 9_985 / 10_000) - compensated);
        (await Total(story, late) - lateHad).ShouldBe(-(2_400_000L * 3 * 10_015 / 10_000) + compensates);
        (await Total(story, trainer) - trainerHad).ShouldBe(
            -(2_000_000L * 14 * 10_015 / 10_000) + compensated + (2_400_000L * 3 * 9_985 / 10_000) - compensates);
        await story.BooksAreExact();
    }

    private static async Task Bid(Story story, ExchangeClient buyer, int gpus, DateTimeOffset from, int hours, long limit)
    {
        var request = new PlaceBidRequest
        {
            RequestId = Story.Id("bid", from, gpus), Kind = BidKind.Block, GpuCount = gpus, LimitMicrosPerGpuHour = limit, Confirm = true,
            FromTime = from.ToTimestamp(), ToTime = from.AddHours(hours).ToTimestamp(),
        };
        request.Markets.Add(Story.Market);
        await story.Ask(() => buyer.OrderBook.PlaceBidAsync(request, cancellationToken: Cancel).ResponseAsync);
    }

    private static async Task<IReadOnlyList<Lease>> Leases(Story story, ExchangeClient client) =>
        (await story.Ask(() => client.Registry.ListLeasesAsync(new ListLeasesRequest(), cancellationToken: Cancel).ResponseAsync)).Leases;

    /// <summary>All that a participant has in the exchange, what it has earned and not been paid included.</summary>
    private static async Task<long> Total(Story story, ExchangeClient client)
    {
        var account = await story.Ask(() => client.Settlement.GetAccountAsync(new GetAccountRequest(), cancellationToken: Cancel).ResponseAsync);
        return account.FreeMicros + account.ReservedMicros + account.BondMicros + account.EscrowMicros + account.EarningsMicros;
    }
}
