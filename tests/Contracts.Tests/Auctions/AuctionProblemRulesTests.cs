using ComputeExchange.Values.Auctions;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Auctions;

public class AuctionProblemRulesTests
{
    static readonly AuctionProblem Sound = AuctionJson.ReadProblem(AuctionFiles.Bytes(AuctionFiles.Everything));

    [Fact]
    public void A_problem_that_uses_every_field_is_sound() => AuctionProblemRules.Breaches(Sound).ShouldBeEmpty();

    [Fact]
    public void A_problem_that_was_never_a_file_is_checked_for_what_is_not_there()
    {
        Fault(Sound with { Markets = null! }).ShouldBe("markets");
        Fault(Sound with { Offers = null! }).ShouldBe("offers");
        Fault(Sound with { Bids = null! }).ShouldBe("bids");
        Fault(Sound with { Bids = [null!] }).ShouldBe("bids[0]");
        Fault(Sound with { Offers = [null!], Bids = [] }).ShouldBe("offers[0]");
        Fault(Sound with { Offers = [Sound.Offers[0] with { Reserve = null! }, .. Sound.Offers.Skip(1)] }).ShouldBe("offers[0].reserve");
        Fault(With(3, bid => bid with { Id = null! })).ShouldBe("bids[3].id");
        Fault(With(3, bid => bid with { Markets = null! })).ShouldBe("bids[3].markets");
        Fault(With(3, bid => bid with { Kind = (BidKind)7 })).ShouldBe("bids[3].kind");
    }

    [Fact]
    public void Parents_in_a_circle_are_refused_by_naming_the_circle()
    {
        AuctionBid Child(string id, string parent) => Sound.Bids[1] with { Id = id, Parent = parent };
        var problem = Sound with { Bids = [Child("a", "b"), Child("b", "c"), Child("c", "d"), Child("d", "b"), Child("e", "a")] };

        var breach = AuctionProblemRules.Breaches(problem).ShouldHaveSingleItem();
        breach.Place.ShouldBe("bids[1].parent");
        breach.Reason.ShouldContain("b → c → d → b");
    }

    [Fact]
    public void A_long_line_of_ancestors_is_no_circle()
    {
        var bids = Enumerable.Range(0, 50_000)
            .Select(i => Sound.Bids[1] with { Id = $"b{i}", Parent = i == 49_999 ? null : $"b{i + 1}" });

        AuctionProblemRules.Breaches(Sound with { Bids = [.. bids] }).ShouldBeEmpty();
    }

    [Fact]
    public void Bids_worth_more_than_sums_can_hold_are_refused()
    {
        var dear = Sound.Bids[3] with { Gpus = 100_000, Limit = AuctionProblemRules.MaxPrice };
        AuctionProblemRules.Breaches(Sound with { Bids = [dear] }).ShouldBeEmpty();

        var dearer = Sound with { Bids = [dear, dear with { Id = "more", Gpus = 1 }] };
        var breach = AuctionProblemRules.Breaches(dearer).ShouldHaveSingleItem();
        breach.Place.ShouldBe("bids");
        breach.Reason.ShouldContain("100001000000000000 micro-dollars together");
    }

    [Fact]
    public void Numbers_at_the_ends_of_their_types_are_refused_not_thrown_at()
    {
        foreach (var number in new[] { int.MinValue, -1, int.MaxValue })
        {
            AuctionProblemRules.Breaches(Sound with { Slots = number }).ShouldNotBeEmpty();
            AuctionProblemRules.Breaches(Sound with { SlotMinutes = number }).ShouldNotBeEmpty();
            AuctionProblemRules.Breaches(Sound with { FirstSlotMinutes = number }).ShouldNotBeEmpty();
            AuctionProblemRules.Breaches(With(0, bid => bid with { From = number })).ShouldNotBeEmpty();
            AuctionProblemRules.Breaches(With(0, bid => bid with { To = number })).ShouldNotBeEmpty();
            AuctionProblemRules.Breaches(With(0, bid => bid with { Run = number })).ShouldNotBeEmpty();
            AuctionProblemRules.Breaches(With(0, bid => bid with { Gpus = number, Limit = long.MaxValue })).ShouldNotBeEmpty();
            AuctionProblemRules.Breaches(With(0, bid => bid with { Node = number })).ShouldNotBeEmpty();
            AuctionProblemRules.Breaches(With(0, bid => bid with { Starts = [number] })).ShouldNotBeEmpty();
            AuctionProblemRules.Breaches(With(0, bid => bid with { From = int.MinValue, To = number })).ShouldNotBeEmpty();
        }
    }

    [Fact]
    public void A_problem_wrong_everywhere_is_told_a_hundred_faults()
    {
        var bids = Enumerable.Range(0, 1_000).Select(i => Sound.Bids[3] with { Id = $"d{i}", Gpus = 0 });

        AuctionProblemRules.Breaches(Sound with { Bids = [.. bids] }).Count.ShouldBe(AuctionProblemRules.MaxBreaches);
    }

    static string Fault(AuctionProblem problem) => AuctionProblemRules.Breaches(problem).ShouldHaveSingleItem().Place;

    static AuctionProblem With(int index, Func<AuctionBid, AuctionBid> change) =>
        Sound with { Bids = [.. Sound.Bids.Select((bid, i) => i == index ? change(bid) : bid)] };
}
