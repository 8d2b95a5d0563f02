using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace ComputeExchange.Architecture.Tests;

/// <summary>What may not stand in the code.</summary>
public partial class SourceTests
{
    [Fact]
    public void No_floating_point_where_rules_and_money_are()
    {
        string[] folders = ["services/MatchingEngine/Core", "contracts/Values", .. House.Services.Select(service => $"services/{service}/Domain")];
        var sources = House.Sources(folders).ToList();

        House.Find(Floating(), sources).ShouldBeEmpty();
        sources.Count.ShouldBeGreaterThan(20);
    }

    [Fact]
    public void Time_and_chance_are_given_and_not_taken() =>
        House.Find(Taken(), House.Sources("services", "contracts")).ShouldBeEmpty();

    [Fact]
    public void Nothing_is_left_to_be_done()
    {
        // In two parts, or this file would be found.
        var left = new Regex(@"\b(TO" + "DO|FIX" + "ME|HA" + @"CK)\b|NotImplemented" + "Exception");
        string[] kinds = [".cs", ".proto", ".csproj", ".props", ".targets", ".md", ".sh", ".yml", ".yaml", ".txt", ".sql", ""];
        var files = House.Files("services", "contracts", "tests", "deploy", "docs").Where(path => kinds.Contains(Path.GetExtension(path)));

        // The stand-in says of a method what gRPC's own package says of it.
        files.Where(path => !path.StartsWith("contracts/GrpcStandIn/", StringComparison.Ordinal)).Where(path => left.IsMatch(House.Read(path))).ShouldBeEmpty();
    }

    [Fact]
    public void No_type_is_named_like_the_project_it_is_in()
    {
        var types =
            from path in House.Sources("services", "contracts", "tests")
            let project = House.Projects.Where(project => path.StartsWith(project.Folder + '/', StringComparison.Ordinal)).MaxBy(project => project.Folder.Length)
            from Match type in Declared().Matches(House.CodeOnly(House.Read(path)))
            where type.Groups[1].Value == project.Name.Split('.')[^1] || type.Groups[1].Value == "Console"
            select $"{path}: {type.Groups[1].Value}";

        types.ShouldBeEmpty();
    }

    [Fact]
    public void No_test_is_skipped_or_sleeps() =>
        House.Find(Idle(), House.Sources("tests")).ShouldBeEmpty();

    [Theory]
    [InlineData("var a = 1.5; // double\nlong b;", "var a = 1.5; \nlong b;")]
    [InlineData("/* float\n */ long b;", " long b;")]
    [InlineData("var a = \"double \\\" // x\"; float b;", "var a = \"\"; float b;")]
    [InlineData("var a = @\"double\"\"\" + $\"{x}\"; float b;", "var a = \"\" + \"\"; float b;")]
    [InlineData("var a = \"\"\"\n double \"x\" \n\"\"\"; float b;", "var a = \"\"; float b;")]
    [InlineData("var q = '\"'; double b; // '", "var q = \"\"; double b; ")]
    public void Comments_and_quotes_are_no_code(string source, string code) => House.CodeOnly(source).ShouldBe(code);

    [Theory]
    [InlineData("private double _price;", true)]
    [InlineData("float Of(long x) => x;", true)]
    [InlineData("Math.Round((Double)x)", true)]
    [InlineData("System.Single a;", true)]
    [InlineData("private decimal _doubled;", false)]
    [InlineData("parts.Single()", false)]
    [InlineData("public long Single() => 1;", false)]
    public void Floating_point_is_found(string code, bool found) => Floating().IsMatch(code).ShouldBe(found);

    [Theory]
    [InlineData("var now = DateTime.UtcNow;", true)]
    [InlineData("var now = System.DateTimeOffset . UtcNow;", true)]
    [InlineData("var now = DateTimeOffset.Now.AddDays(1);", true)]
    [InlineData("var id = Guid.NewGuid();", true)]
    [InlineData("Random.Shared.Next()", true)]
    [InlineData("new Random()", true)]
    [InlineData("new Random(seed)", false)]
    [InlineData("clock.GetUtcNow()", false)]
    [InlineData("Guid.CreateVersion7(now)", false)]
    [InlineData("Guid.CreateVersion7()", true)]
    public void Taken_time_and_chance_are_found(string code, bool found) => Taken().IsMatch(code).ShouldBe(found);

    [GeneratedRegex(@"\b(double|float)\b|(?<!\w\.)\b(System\.)?(Double|Single|Half)\b(?!\s*\()")]
    private static partial Regex Floating();

    [GeneratedRegex(@"\bDateTime(Offset)?\s*\.\s*(UtcNow|Now|Today)\b|\bRandom\s*\.\s*Shared\b|\bnew Random\(\)|\bGuid\s*\.\s*(NewGuid|CreateVersion7\(\))")]
    private static partial Regex Taken();

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?!\s+(?:struct|class)\b)|record\s+struct|record\s+class)\s+(\w+)")]
    private static partial Regex Declared();

    [GeneratedRegex(@"\bThread\.Sleep\b|\[(Fact|Theory)\(.*\bSkip\b|\bAssert\.Skip")]
    private static partial Regex Idle();
}
