using ComputeExchange.OrderBook.Domain;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.Values;
using Shouldly;
using Xunit;
using static ComputeExchange.OrderBook.Tests.Happened;

namespace ComputeExchange.OrderBook.Tests.Domain;

public sealed class CapacityQuoteTests
{
    private static readonly MarketSettings Settings = SettingsRow.ToDomain(SettingsRow.Untold);

    [Fact]
    public void The_cheapest_offers_are_taken_first_in_every_slot()
    {
        var quote = Of(8, 10, 12, Offer(1, 10, 12, 6, 2_000_000), Offer(2, 10, 11, 4, 1_500_000), Offer(3, 10, 12, 4, 3_000_000));

        // 10:00: 4 at $1.50 and 4 at $2.00; 11:00: 6 at $2.00 and 2 at $3.00.
        quote.Available.ShouldBeTrue();
        quote.Cost.Micros.ShouldBe((4 * 1_500_000) + (4 * 2_000_000) + (6 * 2_000_000) + (2 * 3_000_000));
        quote.LimitMicros.ShouldBe(3_000_000);
        quote.Fee.Micros.ShouldBe(quote.Cost.Micros * 1_500 / 1_000_000);
    }

    [Fact]
    public void What_was_sold_already_is_not_offered_again()
    {
        var offer = Offer(1, 10, 12, 8, 2_000_000) with { SoldGpuCounts = [0, 5] };
        Of(3, 10, 12, offer).Available.ShouldBeTrue();
        Of(4, 10, 12, offer).UnavailableReason.ShouldBe("The slot of 2026-03-02 11:00 UTC lacks 1 of 4 GPUs.");
    }

    [Fact]
    public void Of_several_slots_that_lack_GPUs_the_first_is_named_and_the_others_counted() =>
        Of(4, 9, 12, Offer(1, 10, 11, 8, 1)).UnavailableReason
            .ShouldBe("The slot of 2026-03-02 09:00 UTC lacks 4 of 4 GPUs; 1 more of the slots cannot be had either.");

    [Fact]
    public void Nothing_is_quoted_for_a_slot_that_is_closed()
    {
        var quote = Of(1, 7, 9, Offer(1, 7, 9, 8, 1_000));
        quote.UnavailableReason.ShouldBe("The slot of 2026-03-02 07:00 UTC has passed.");
        (quote.LimitMicros, quote.Cost, quote.Fee).ShouldBe((0, Money.Zero, Money.Zero));
    }

    [Fact]
    public void The_slot_in_progress_costs_what_is_left_of_it_at_the_prompt_reserve()
    {
        var quote = Of(4, 8, 9, Offer(1, 8, 9, 8, 2_000_000) with { Reserves = new OfferReserves(2_000_000, 400_000, []) });
        quote.Cost.Micros.ShouldBe(4 * 400_000 * 45 / 60);
        quote.LimitMicros.ShouldBe(400_000);
    }

    [Fact]
    public void An_offer_with_a_minimum_run_counts_only_for_windows_as_long_as_it_that_it_covers()
    {
        var offer = Offer(1, 9, 13, 8, 1_000) with { RunSlotCountMin = 3 };
        Of(8, 9, 12, offer).Available.ShouldBeTrue();
        Of(8, 9, 11, offer).Available.ShouldBeFalse();
        Of(8, 9, 14, offer).Available.ShouldBeFalse();
    }

    [Fact]
    public void A_reserve_between_ticks_makes_a_limit_on_the_next_tick() => Of(1, 9, 10, Offer(1, 9, 10, 1, 1_500)).LimitMicros.ShouldBe(2_000);

    private static CapacityQuote Of(int gpus, int from, int to, params OpenOffer[] offers) =>
        CapacityQuote.Of(gpus, At(from), At(to), offers, Settings, At(8, 15));

    private static OpenOffer Offer(long id, int from, int to, int gpus, long reserve) =>
        new(id, At(from), At(to), gpus, new int[to - from], new OfferReserves(reserve, reserve, []), 1);
}
