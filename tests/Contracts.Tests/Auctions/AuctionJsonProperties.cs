using System.Text;
using System.Text.Json;
using ComputeExchange.Values.Auctions;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Auctions;

public class AuctionJsonProperties
{
    static readonly string[] Hostile =
    [
        "-1", "0", "1e3", "1.5", "2147483648", "-2147483648", "9223372036854775807", "99999999999999999999",
        "null", "true", "\"x\"", "[]", "{}", "\\", "\"", "\u0000", "\\ud800",
    ];

    [Fact]
    public void Every_sound_problem_is_read_as_it_was_written() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var problem = Sound(new Random(seed));
        AuctionProblemRules.Breaches(problem).ShouldBeEmpty();

        var written = AuctionJson.WriteProblem(problem);
        var read = AuctionJson.ReadProblem(written);
        AuctionJson.WriteProblem(read).ShouldBe(written);
        JsonSerializer.Serialize(read).ShouldBe(JsonSerializer.Serialize(problem));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(1, 15_000)]
    [InlineData(2, 15_000)]
    public void A_spoilt_file_is_refused_in_words_or_is_a_sound_problem(int seed, int files)
    {
        var random = new Random(seed);
        var refused = 0;
        for (var i = 0; i < files; i++)
        {
            var file = Spoil(Encoding.UTF8.GetBytes(i % 2 == 0 ? AuctionFiles.Everything : AuctionFiles.Problem), random);
            try
            {
                var problem = AuctionJson.ReadProblem(file);
                AuctionProblemRules.Breaches(problem).ShouldBeEmpty();
                var written = AuctionJson.WriteProblem(problem);
                AuctionJson.WriteProblem(AuctionJson.ReadProblem(written)).ShouldBe(written);
            }
            catch (AuctionFormatException)
            {
                refused++;
            }
        }

        refused.ShouldBeInRange(files / 4, files - 1);
    }

    [Fact]
    public void A_spoilt_solution_is_refused_in_words_or_reads()
    {
        var random = new Random(3);
        var refused = 0;
        for (var i = 0; i < 15_000; i++)
        {
            try
            {
                var file = Spoil(Encoding.UTF8.GetBytes(AuctionFiles.Solution), random);
                var written = AuctionJson.WriteSolution(AuctionJson.ReadSolution(file));
                AuctionJson.WriteSolution(AuctionJson.ReadSolution(written)).ShouldBe(written);
            }
            catch (AuctionFormatException)
            {
                refused++;
            }
        }

        refused.ShouldBeInRange(3_000, 14_999);
    }

    /// <summary>One to three changes: a bit, a byte, a stretch cut or doubled, a hostile word, another number.</summary>
    static byte[] Spoil(byte[] file, Random random)
    {
        var bytes = file.ToList();
        for (var changes = random.Next(1, 4); changes > 0 && bytes.Count > 10; changes--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 30), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes.RemoveRange(at, length); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 4: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Hostile[random.Next(Hostile.Length)])); break;
                default:
                    var number = bytes.FindIndex(at, digit => digit is >= (byte)'0' and <= (byte)'9');
                    if (number < 0) break;
                    var end = bytes.FindIndex(number, digit => digit is < (byte)'0' or > (byte)'9');
                    if (end > 0) bytes.RemoveRange(number, end - number);
                    var other = random.Next(2) == 0 ? $"{random.Next(20)}" : Hostile[random.Next(Hostile.Length)];
                    bytes.InsertRange(number, Encoding.UTF8.GetBytes(other));
                    break;
            }
        }

        return [.. bytes];
    }

    static AuctionProblem Sound(Random random)
    {
        var slotMinutes = new[] { 5, 15, 60 }[random.Next(3)];
        var slots = random.Next(1, 30);
        var markets = random.Next(1, 5);
        var offers = Enumerable.Range(0, random.Next(6)).Select(i =>
        {
            var from = random.Next(slots);
            var to = random.Next(from + 1, slots + 1);
            return new AuctionOffer
            {
                Id = $"o{i}",
                Market = random.Next(markets),
                Gpus = random.Next(1, 100),
                From = from,
                To = to,
                // A list of equal values is written as one number, and so is not read as it was; others are.
                Reserve = to - from == 1 || random.Next(2) == 0
                    ? [random.Next(100)]
                    : [.. Enumerable.Range(from, to - from).Select(slot => (long)slot)],
                MinRun = random.Next(1, slots + 2),
            };
        }).ToList();
        var bids = Enumerable.Range(0, random.Next(8)).Select(i => random.Next(2) == 0 ? Divisible(i) : Block(i));
        return new AuctionProblem
        {
            SlotMinutes = slotMinutes,
            FirstSlotMinutes = random.Next(1, slotMinutes + 1),
            Slots = slots,
            Markets = [.. Enumerable.Range(0, markets).Select(i => $"market {i} ✓")],
            Offers = [.. offers],
            Bids = [.. bids],
        };

        AuctionBid Divisible(int i)
        {
            var from = random.Next(slots);
            return new AuctionBid
            {
                Id = $"b{i}",
                Kind = BidKind.Divisible,
                Markets = [.. Enumerable.Range(0, random.Next(1, markets + 1))],
                Gpus = random.Next(1, 100),
                From = from,
                To = random.Next(from + 1, slots + 1),
                Limit = random.Next(100),
            };
        }

        AuctionBid Block(int i)
        {
            var plain = Divisible(i);
            var run = Math.Max(random.Next(1, plain.To - plain.From + 1), plain.To - plain.From - 12);
            var kin = random.Next(3);
            return plain with
            {
                Kind = BidKind.Block,
                Run = run,
                Starts = random.Next(2) == 0 ? null : [plain.To - run],
                MinFill = random.Next(1, 1001),
                Node = random.Next(2) == 0 ? 0 : plain.Gpus,
                Group = kin == 1 ? "one of us" : null,
                Offers = offers.Count > 0 && random.Next(3) == 0 ? [offers[random.Next(offers.Count)].Id] : null,
            };
        }
    }
}
