using System.Text;
using ComputeExchange.Agent.Logs;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Rules;

public class RedactorTests
{
    [Theory]
    [InlineData("token=abcdef;", "token=***;")]
    [InlineData("abcdefgh", "***")]
    [InlineData("abcdabcdef", "abcd***")]
    [InlineData("abc", "abc")]
    [InlineData("one\ntwo", "one\ntwo")]
    [InlineData("line one of it, alone: line two of it", "***, alone: ***")]
    public void Values_are_masked_the_longest_first(string printed, string shown) =>
        new Redactor(["abcdef", "abcdefgh", "line one of it\nline two of it", "1", ""]).Clean(printed).ShouldBe(shown);

    [Fact]
    public void However_the_output_is_cut_the_same_is_shown()
    {
        var redactor = new Redactor(["secret-one", "secret-one-and-more", "ret-other"]);
        var printed = Encoding.UTF8.GetBytes("a secret-one, secret-one-and-mor and secret-one-and-more; sec secret-other ret-othe secret-on");
        var whole = redactor.Clean(Encoding.UTF8.GetString(printed));
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            using var shown = new MemoryStream();
            for (int taken = 0, there = 0; taken < printed.Length;)
            {
                there = Math.Min(printed.Length, Math.Max(there, taken) + random.Next(1, 9));
                taken += redactor.Take(printed.AsSpan(taken..there), there == printed.Length, shown);
            }
            Encoding.UTF8.GetString(shown.ToArray()).ShouldBe(whole, $"seed {seed}");
        }
    }
}
