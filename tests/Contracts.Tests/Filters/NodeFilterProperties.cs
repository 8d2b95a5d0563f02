using System.Text;
using ComputeExchange.Values.Filters;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Filters;

public sealed class NodeFilterProperties
{
    private static readonly string[] Texts = ["EU", "eu", "H100-SXM-80GB", "a b", "and", "IN", "\"q\"", "\\", "é", "x\ny", "100%", "8"];
    private static readonly string[] Pieces =
    [
        "gpus", "memory", "zone", "nvlink", "price", "nope", "and", "or", "not", "in", "=", "!=", "<", ">=", "==", "(", ")", ",", "8", "80GB", "2.50", "-1", "1e3",
        "\"", "'", "\\", "98%", "$", "\u0000", "\ud83d", "&&", "true", "99999999999999999999999999999999", ".", " ",
    ];

    private enum Kind { Plain, Listed, Flagged }

    [Fact]
    public void What_is_printed_reads_as_the_same_filter() => Hold(random =>
    {
        var (text, filter) = Random(random);
        NodeFilter.Parse(filter.ToString()).ShouldBe(filter, text);
        NodeFilter.Parse(filter.ToString()).ToString().ShouldBe(filter.ToString());
    });

    [Fact]
    public void A_row_matches_when_each_comparison_of_the_text_holds_for_it() => Hold(random =>
    {
        // The model keeps each comparison as a function of its own, made from the values and never from the filter.
        var (text, holds) = Model(random);
        var row = FilterFields.All.ToDictionary(field => field.Name, field => Value(field, random));
        NodeFilter.Parse(text).Matches(name => row[name]).ShouldBe(holds.All(one => one(row)), text);
    });

    [Fact]
    public void Whatever_is_typed_is_a_filter_or_an_error_that_points_into_the_text() => Hold(random =>
    {
        var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => Pieces[random.Next(Pieces.Length)] + (random.Next(3) == 0 ? "" : " ")));
        foreach (var read in (Action<string>[])[typed => NodeFilter.Parse(typed), typed => BidNeeds.Parse(typed)])
        {
            try
            {
                read(text);
            }
            catch (FilterException wrong)
            {
                wrong.Position.ShouldBeInRange(0, text.Length);
                text.AsSpan(wrong.Position).StartsWith(wrong.Found).ShouldBeTrue();
            }
        }
    });

    [Fact]
    public void A_filter_that_is_too_long_is_refused_at_once() =>
        Should.Throw<FilterException>(() => NodeFilter.Parse(new string('(', 3_000))).Message.ShouldContain("it can have 2000");

    private static void Hold(Action<Random> property) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => property(new Random(seed))).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    private static (string Text, NodeFilter Filter) Random(Random random)
    {
        var (text, _) = Model(random);
        return (text, NodeFilter.Parse(text));
    }

    private static (string Text, List<Func<Dictionary<string, FilterValue>, bool>> Holds) Model(Random random)
    {
        var (text, holds) = (new StringBuilder(), new List<Func<Dictionary<string, FilterValue>, bool>>());
        for (var count = random.Next(5); count > 0; count--)
        {
            var field = FilterFields.All[random.Next(FilterFields.All.Count)];
            if (text.Length > 0) text.Append(random.Next(2) == 0 ? " and " : " AND ");
            text.Append(random.Next(2) == 0 ? field.Name : field.Name.ToUpperInvariant());
            var (tail, holdsHere) = Comparison(field, random);
            text.Append(tail);
            holds.Add(row => row[field.Name].IsKnown && holdsHere(row[field.Name]));
        }
        return (text.ToString(), holds);
    }

    private static (string Tail, Func<FilterValue, bool> Holds) Comparison(FilterField field, Random random)
    {
        if (field.Type == FilterFieldType.Flag)
            return random.Next(3) switch
            {
                0 => ("", value => value.Flag),
                1 => (" = false", value => !value.Flag),
                _ => (" != false", value => value.Flag),
            };
        var kind = random.Next(2) == 0 ? Kind.Plain : Kind.Listed;
        var wanted = Enumerable.Range(0, kind == Kind.Listed ? random.Next(1, 4) : 1).Select(_ => Value(field, random, known: true)).ToList();
        bool Same(FilterValue value) => wanted.Any(one => field.Type == FilterFieldType.Text
            ? string.Equals(one.Text, value.Text, StringComparison.OrdinalIgnoreCase) : one.Number == value.Number);
        if (kind == Kind.Listed)
        {
            var list = $"({string.Join(",", wanted.Select(value => Written(field, value, random)))})";
            return random.Next(2) == 0 ? ($" in {list}", Same) : ($" not in {list}", value => !Same(value));
        }
        var written = Written(field, wanted[0], random);
        var number = wanted[0].Number;
        return random.Next(field.Type == FilterFieldType.Text ? 2 : 6) switch
        {
            0 => ($"={written}", Same),
            1 => ($" != {written}", value => !Same(value)),
            2 => ($" < {written}", value => value.Number < number),
            3 => ($"<={written}", value => value.Number <= number),
            4 => ($" >{written}", value => value.Number > number),
            _ => ($">= {written}", value => value.Number >= number),
        };
    }

    private static FilterValue Value(FilterField field, Random random, bool known = false)
    {
        if (!known && random.Next(6) == 0) return FilterValue.Unknown;
        return field.Type switch
        {
            FilterFieldType.Flag => FilterValue.Of(random.Next(2) == 0),
            FilterFieldType.Text => FilterValue.Of(Texts[random.Next(Texts.Length)]),
            _ => FilterValue.Of(field.Unit == FilterUnit.Share ? random.Next(5) * 250_000 : random.Next(2) == 0 ? random.Next(5) : random.Next(5) * 1_000_000_000L),
        };
    }

    private static string Written(FilterField field, FilterValue value, Random random)
    {
        if (field.Type == FilterFieldType.Text)
        {
            var quote = random.Next(2) == 0 ? "\"" : "'";
            return quote + value.Text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(quote, "\\" + quote, StringComparison.Ordinal) + quote;
        }
        return field.Unit switch
        {
            FilterUnit.Bytes => $"{value.Number}b",
            FilterUnit.Dollars or FilterUnit.Share => (value.Number / 1_000_000m).ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => value.Number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
    }
}
