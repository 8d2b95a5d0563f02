using ComputeExchange.Values.Filters;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Filters;

public sealed class NodeFilterTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("class = H100-SXM-80GB and gpus >= 8 and reliability > 0.98 and zone = EU and nvlink", "class = H100-SXM-80GB and gpus >= 8 and reliability > 0.98 and zone = EU and nvlink = true")]
    [InlineData("Memory>=80GB AND price<=2.50", "memory >= 80GB and price <= 2.5")]
    [InlineData("memory > 81559MiB", "memory > 85520809984B")]
    [InlineData("memory >= 80", "memory >= 80GB")]
    [InlineData("reliability >= 98%", "reliability >= 0.98")]
    [InlineData("price < $2.415", "price < 2.415")]
    [InlineData("country in (DE, fr ,\"NL\")", "country in (DE, fr, NL)")]
    [InlineData("country NOT IN (US)", "country not in (US)")]
    [InlineData("not verified and simulated != false", "verified = false and simulated = true")]
    [InlineData("region = 'a b \\'c\\' \"d\"'", "region = \"a b 'c' \\\"d\\\"\"")]
    [InlineData("region = \"and\"", "region = \"and\"")]
    [InlineData("reclaim >= 90min and network = 10Gbps and free_hours >= 2d", "reclaim >= 90min and network = 10Gbps and free_hours >= 48")]
    public void What_was_read_is_printed_in_one_form(string text, string normal)
    {
        NodeFilter.Parse(text).ToString().ShouldBe(normal);
        NodeFilter.Parse(normal).ShouldBe(NodeFilter.Parse(text));
    }

    [Theory]
    [InlineData("relability > 0.98", 0, "relability", "did you mean 'reliability'?")]
    [InlineData("gpus >= 8 and nvlnk", 14, "nvlnk", "did you mean 'nvlink'?")]
    [InlineData("colour = red", 0, "colour", "is no field: there are market, class")]
    [InlineData("gpus >= eight", 8, "eight", "is no number: write for example 8")]
    [InlineData("gpus >= 8.5", 8, "8.5", "is not a whole number")]
    [InlineData("memory >= 80GHz", 10, "80GHz", "has the unit 'GHz'")]
    [InlineData("reliability > 98", 14, "98", "is above 1: a share is from 0 to 1, for example 0.98 or 98%")]
    [InlineData("price <= 2.1234567", 9, "2.1234567", "more than six decimal places")]
    [InlineData("gpus == 8", 5, "==", "write '='")]
    [InlineData("gpus => 8", 5, "=>", "write '>='")]
    [InlineData("class < H100", 6, "<", "'class' is a text")]
    [InlineData("nvlink > true", 7, ">", "'nvlink' is true or false")]
    [InlineData("nvlink = maybe", 9, "maybe", "is neither true nor false")]
    [InlineData("nvlink in (true)", 7, "in", "'nvlink' is true or false")]
    [InlineData("not class", 0, "not", "write 'class != ...'")]
    [InlineData("zone = EU or zone = US", 10, "or", "write 'in (a, b)'")]
    [InlineData("zone = EU zone = US", 10, "zone", "write 'and'")]
    [InlineData("zone = EU && nvlink", 10, "&", "write 'and'")]
    [InlineData("zone in (EU US)", 12, "US", "a comma or ')'")]
    [InlineData("zone in EU", 8, "EU", "a list belongs here")]
    [InlineData("zone not EU", 9, "EU", "write 'not in (a, b)'")]
    [InlineData("zone = \"\"", 7, "\"\"", "is an empty text")]
    [InlineData("zone = \"EU", 7, "\"EU", "close the quote")]
    [InlineData("gpus >= 8 and", 13, "", "at the end: a field belongs here")]
    [InlineData("gpus >=", 7, "", "at the end: a value belongs here")]
    [InlineData("gpus", 4, "", "at the end: a comparison belongs here")]
    [InlineData("gpus >= -1", 8, "-1", "is no number")]
    [InlineData("gpus >= 99999999999999999999", 8, "99999999999999999999", "is too large")]
    [InlineData("gpus # 8", 5, "#", "is not part of the language")]
    public void An_error_points_at_the_word_and_says_what_would_be_right(string text, int position, string found, string says)
    {
        var wrong = Should.Throw<FilterException>(() => NodeFilter.Parse(text));
        wrong.Position.ShouldBe(position);
        wrong.Found.ShouldBe(found);
        wrong.Message.ShouldContain(says);
        wrong.Mark(text).Split('\n')[1].ShouldBe(new string(' ', position) + new string('^', Math.Max(1, found.Length)));
    }

    [Fact]
    public void What_is_not_known_satisfies_no_comparison()
    {
        foreach (var text in (string[])["country = DE", "country != DE", "country not in (DE)", "price < 2", "price >= 0", "nvlink", "not nvlink"])
            NodeFilter.Parse(text).Matches(_ => FilterValue.Unknown).ShouldBeFalse(text);
        NodeFilter.Everything.Matches(_ => FilterValue.Unknown).ShouldBeTrue();
    }

    [Fact]
    public void A_field_of_several_texts_is_any_of_them()
    {
        Func<string, FilterValue> row = _ => FilterValue.Of(["docker", "process"]);
        NodeFilter.Parse("runner = Docker").Matches(row).ShouldBeTrue();
        NodeFilter.Parse("runner in (podman, process)").Matches(row).ShouldBeTrue();
        NodeFilter.Parse("runner != docker").Matches(row).ShouldBeFalse();
        NodeFilter.Parse("runner = podman").Matches(row).ShouldBeFalse();
    }

    [Fact]
    public void Every_example_in_the_table_of_fields_is_right() =>
        FilterFields.All.ShouldAllBe(field => NodeFilter.Parse(field.Example).Terms.Single().Field == field);

    [Fact]
    public void A_bid_asks_for_what_nodes_must_be()
    {
        var needs = BidNeeds.Parse("reliability > 0.98 and verified and nvlink = yes and zone = eu and country in (fr, de) and country in (de, nl)");
        needs.ReliabilityPpmMin.ShouldBe(980_001);
        (needs.Verified, needs.Nvlink, needs.IsEmpty).ShouldBe((true, true, false));
        needs.Zones.ShouldBe(["EU"]);
        needs.Countries.ShouldBe(["DE"]);
        BidNeeds.Parse("").IsEmpty.ShouldBeTrue();
        BidNeeds.Parse("node = 0192a7e4-0000-7000-8000-000000000001").Nodes.ShouldBe([Guid.Parse("0192a7e4-0000-7000-8000-000000000001")]);
    }

    [Theory]
    [InlineData("verified and price < 2", 13, "cannot be asked for here, only country, zone, reliability, verified, nvlink, node")]
    [InlineData("verified and reliability < 0.5", 13, "from below")]
    [InlineData("reliability > 1", 0, "above 1 has no node")]
    [InlineData("not nvlink", 4, "not kept out")]
    [InlineData("zone != EU", 0, "by name")]
    [InlineData("country = Germany", 0, "write two letters")]
    [InlineData("country = DE and country = FR", 17, "two things at once")]
    [InlineData("node = x", 0, "not a UUID")]
    [InlineData("country in (AA,AB,AC,AD,AE,AF,AG,AH,AI,AJ,AK,AL,AM,AN,AO,AP,AQ)", 0, "has 17 values; a bid can name 16")]
    public void What_a_bid_cannot_ask_for_is_refused_at_its_word(string text, int position, string says)
    {
        var wrong = Should.Throw<FilterException>(() => BidNeeds.Parse(text));
        wrong.Position.ShouldBe(position);
        wrong.Message.ShouldContain(says);
    }
}
