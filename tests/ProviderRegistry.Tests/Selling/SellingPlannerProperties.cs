using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Domain.Selling;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.ProviderRegistry.Tests.Selling;

/// <summary>For every history of a node: owners who come and go, buyers, offers by hand, windows, other prices, time.</summary>
public sealed class SellingPlannerProperties
{
    private static readonly MarketGrid Grid = MarketGrid.Untold;

    [Fact]
    public void What_was_asked_once_leaves_nothing_to_ask_and_the_engine_refuses_none_of_it() => Hold((node, random) =>
    {
        for (var step = 0; step < 25; step++)
        {
            node.Happen(random);
            node.Follow();
            node.Plan().IsEmpty.ShouldBeTrue();
        }
    });

    [Fact]
    public void No_slot_is_offered_beyond_what_is_idle_and_none_outside_the_policy() => Hold((node, random) =>
    {
        for (var step = 0; step < 25; step++)
        {
            node.Happen(random);
            node.Follow();
            foreach (var slot in node.Slots())
            {
                var own = node.UnsoldByPolicy(slot);
                if (own == 0) continue;
                (node.Terms?.Allows(slot, slot + Grid.Slot)).ShouldBe(true);
                (own + node.UnsoldByHand(slot) + node.Sold(slot)).ShouldBeLessThanOrEqualTo(node.Idle);
            }
        }
    });

    [Fact]
    public void What_is_idle_is_offered_but_for_the_far_end_and_pieces_below_the_least_run() => Hold((node, random) =>
    {
        for (var step = 0; step < 25; step++)
        {
            node.Happen(random);
            node.Follow();
            if (node.Terms is not { RunSlotCountMin: 1 } terms) continue;
            var near = node.Slots().Take(Math.Max(1, (terms.HorizonSlotCount * 3 / 4) - 1));
            foreach (var slot in near.Where(slot => terms.Allows(slot, slot + Grid.Slot)))
                (node.UnsoldByPolicy(slot) + node.UnsoldByHand(slot) + node.Sold(slot)).ShouldBeGreaterThanOrEqualTo(node.Idle, $"{slot:u}");
        }
    });

    [Fact]
    public void An_idle_node_is_one_offer_and_selling_out_of_it_asks_for_nothing()
    {
        var node = new ModelNode { Idle = 8 };
        node.Follow();
        node.Offers.ShouldHaveSingleItem().ShouldBe(new OpenOffer(1, 8, Registry.Noon, Registry.Noon.AddHours(24), 2_000_000, 1_000_000, 1, true));
        node.Buy(node.Offers[0], 2, Registry.Noon.AddHours(5), 3);
        node.Plan().IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Offers_do_not_come_and_go_when_the_slot_in_progress_is_over()
    {
        var node = new ModelNode { Idle = 4 };
        node.Follow();
        var first = node.Offers.ToList();
        for (var minute = 0; minute < 300; minute++)
        {
            node.Now = Registry.Noon.AddMinutes(minute);
            node.Follow();
        }
        node.Offers.ShouldBe(first);
        node.Now = Registry.Noon.AddHours(6);
        node.Follow();
        node.Offers.ShouldHaveSingleItem().To.ShouldBe(Registry.Noon.AddHours(30));
    }

    [Fact]
    public void A_price_that_moved_by_a_tick_moves_the_offers_and_less_than_a_tick_does_not()
    {
        var node = new ModelNode { Idle = 4 };
        node.Follow();
        node.Terms = node.Terms! with { ReserveMicros = 2_000_999 };
        node.Plan().IsEmpty.ShouldBeTrue();
        node.Terms = node.Terms with { ReserveMicros = 2_001_000 };
        node.Plan().ToString().ShouldStartWith("cancel 1; offer ");
    }

    private static void Hold(Action<ModelNode, Random> property) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            property(new ModelNode { Idle = random.Next(0, 9) }, random);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    /// <summary>A node as the engine has it, and what its policy is.</summary>
    private sealed class ModelNode
    {
        private const int Gpus = 8;
        private readonly List<SoldPart> _sold = [];
        private long _lastOffer;

        public DateTimeOffset Now { get; set; } = Registry.Noon;

        /// <summary>GPUs that are its policy's to sell, those sold included.</summary>
        public int Idle { get; set; }

        public SellingTerms? Terms { get; set; } = new(2_000_000, 1_000_000, (1 << 24) - 1, 127, 1, 24, []);

        public List<OpenOffer> Offers { get; } = [];

        public SellingPlan Plan() => SellingPlanner.Plan(Grid, Now, Idle, Terms, _sold, Offers);

        public IEnumerable<DateTimeOffset> Slots() => Enumerable.Range(0, 40).Select(slot => Grid.FirstOffered(Now) + (slot * Grid.Slot));

        public int Sold(DateTimeOffset slot) => _sold.Where(part => part.From < slot + Grid.Slot && slot < part.To).Sum(part => part.GpuCount);

        public int UnsoldByPolicy(DateTimeOffset slot) => Offers.Where(offer => offer.ByPolicy).Sum(offer => Unsold(offer, slot));

        public int UnsoldByHand(DateTimeOffset slot) => Offers.Where(offer => !offer.ByPolicy).Sum(offer => Unsold(offer, slot));

        /// <summary>Does what the plan asks, as the engine would.</summary>
        public void Follow()
        {
            var plan = Plan();
            Offers.RemoveAll(offer => plan.Cancels.Contains(offer.OfferId));
            foreach (var asked in plan.Offers)
                Place(new OpenOffer(++_lastOffer, asked.GpuCount, asked.From, asked.To, asked.ReserveMicros, asked.PromptMicros, asked.RunSlotCountMin, true)).ShouldBeTrue();
        }

        public void Buy(OpenOffer offer, int gpus, DateTimeOffset from, int hours)
        {
            for (var slot = from; slot < from.AddHours(hours); slot += Grid.Slot) Unsold(offer, slot).ShouldBeGreaterThanOrEqualTo(gpus);
            _sold.Add(new SoldPart(offer.OfferId, gpus, from, from.AddHours(hours)));
        }

        public void Happen(Random random)
        {
            switch (random.Next(8))
            {
                case 0: Now = Now.AddMinutes(random.Next(300)); break;
                case 1: Idle = random.Next(0, Gpus + 1); break;
                case 2 or 3 or 4: BuySomething(random); break;
                case 5: Place(new OpenOffer(++_lastOffer, random.Next(1, 4), Grid.StartOf(Now).AddHours(random.Next(1, 20)), Grid.StartOf(Now).AddHours(random.Next(21, 40)), 3_000_000, 3_000_000, 1, false)); break;
                case 6:
                    var from = Now.AddMinutes(random.Next(1_000));
                    Terms = Any(random) with { KeepFree = [new Window(from, from.AddMinutes(random.Next(1, 400)))] };
                    break;
                default: Terms = random.Next(5) == 0 ? null : Any(random); break;
            }
            Offers.RemoveAll(offer => offer.To <= Now);
        }

        private static SellingTerms Any(Random random) => new(
            2_000_000 + (random.Next(3) * 100_000), 1_000_000, random.Next(3) == 0 ? random.Next(1, 1 << 24) : (1 << 24) - 1,
            random.Next(3) == 0 ? random.Next(1, 128) : 127, random.Next(3) == 0 ? random.Next(2, 5) : 1, random.Next(1, 31), []);

        private void BuySomething(Random random)
        {
            if (Offers.Count == 0) return;
            var offer = Offers[random.Next(Offers.Count)];
            var slots = Slots().Where(slot => Unsold(offer, slot) > 0).ToList();
            if (slots.Count == 0) return;
            var from = slots[random.Next(slots.Count)];
            var (gpus, hours) = (random.Next(1, Unsold(offer, from) + 1), 0);
            while (hours < 6 && Unsold(offer, from.AddHours(hours)) >= gpus) hours++;
            Buy(offer, gpus, from, random.Next(1, hours + 1));
        }

        // The engine's own rule (NODE_CAPACITY): what is sold and offered is never more than the node has.
        private bool Place(OpenOffer offer)
        {
            for (var slot = Grid.StartOf(offer.From); slot < offer.To; slot += Grid.Slot)
                if (Sold(slot) + Offers.Sum(open => Unsold(open, slot)) + offer.GpuCount > Gpus) return false;
            Offers.Add(offer);
            return true;
        }

        private int Unsold(OpenOffer offer, DateTimeOffset slot) =>
            slot < offer.From || slot >= offer.To
                ? 0
                : offer.GpuCount - _sold.Where(part => part.OfferId == offer.OfferId && part.From <= slot && slot < part.To).Sum(part => part.GpuCount);
    }
}
