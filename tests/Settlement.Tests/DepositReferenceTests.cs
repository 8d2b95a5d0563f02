using ComputeExchange.Settlement.Domain;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

public sealed class DepositReferenceTests
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static readonly Guid Ann = Guid.Parse("01953d5e-7a2b-7c1d-8e3f-001122334455");

    [Fact]
    public void It_is_short_and_found_again_in_what_people_write()
    {
        var reference = DepositReference.Of(Ann);
        var text = reference.ToString();
        text.ShouldMatch("^CX-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}$");
        foreach (var written in (string[])[text, $"Invoice 7, {text.ToLowerInvariant()} thanks", text.Replace('-', ' '), text.Replace("-", "", StringComparison.Ordinal), $"CX {text}"])
            (DepositReference.TryFind(written, out var found), found).ShouldBe((true, reference), written);
        DepositReference.TryFind("", out _).ShouldBeFalse();
        DepositReference.TryFind("CX", out _).ShouldBeFalse();
        DepositReference.TryFind("no reference", out _).ShouldBeFalse();
    }

    [Fact]
    public void One_wrong_character_or_two_that_changed_places_are_found()
    {
        for (var person = 0; person < 50; person++)
        {
            var text = DepositReference.Of(new Guid(person, 1, 2, new byte[8])).ToString().Replace("-", "", StringComparison.Ordinal);
            for (var at = 2; at < text.Length; at++)
            {
                foreach (var other in Alphabet.Where(letter => letter != text[at]))
                    DepositReference.TryFind($"{text[..at]}{other}{text[(at + 1)..]}", out _).ShouldBeFalse($"{text} at {at} {other}");
                if (at + 1 < text.Length && text[at] != text[at + 1] && at + 1 is < 14 or 15)
                    DepositReference.TryFind($"{text[..at]}{text[at + 1]}{text[at]}{text[(at + 2)..]}", out _).ShouldBeFalse($"{text} turned at {at}");
            }
        }
    }

    [Fact]
    public void What_looks_like_another_letter_is_understood()
    {
        var (text, reference) = Enumerable.Range(0, 1_000).Select(n => DepositReference.Of(new Guid(n, 1, 2, new byte[8])))
            .Select(one => (one.ToString(), one)).First(one => one.Item1.Contains('0') && one.Item1.Contains('1'));
        DepositReference.TryFind(text.Replace('0', 'O').Replace('1', 'l'), out var found).ShouldBeTrue();
        found.ShouldBe(reference);
    }
}
