using System.Security.Cryptography;
using ComputeExchange.Access.V1;
using ComputeExchange.Hosting.Access;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Access;

public class ServiceTokensTests
{
    private static readonly byte[] Key = SHA256.HashData("the exchange's key"u8);
    private static readonly DateTime Now = TimeProvider.System.GetUtcNow().UtcDateTime;

    private readonly ServiceTokens _orderBook = new(Key, "order_book");
    private readonly ServiceTokens _settlement = new(Key, "settlement");

    [Fact]
    public async Task A_service_is_known_to_the_one_it_calls()
    {
        var caller = (await _settlement.Read(_orderBook.For("settlement"))).ShouldNotBeNull();

        (caller.Service, caller.Actor, caller.ParticipantId).ShouldBe(("order_book", "order_book", null));
        caller.Roles.ShouldBe([Role.Service]);
        caller.ActsAs(Role.Operator).ShouldBeFalse();
    }

    [Fact]
    public async Task A_token_for_another_service_is_refused() =>
        (await _settlement.Read(_orderBook.For("pricing"))).ShouldBeNull();

    [Fact]
    public async Task A_token_by_another_key_is_refused() =>
        (await _settlement.Read(new ServiceTokens(SHA256.HashData("another key"u8), "order_book").For("settlement"))).ShouldBeNull();

    [Theory]
    [InlineData(-600, -400, false)]
    [InlineData(-400, -60, false)]
    [InlineData(-60, 240, true)]
    [InlineData(120, 400, false)]
    public async Task A_token_is_good_in_its_time_only(int fromSeconds, int toSeconds, bool good) =>
        (await _settlement.Read(Made(token =>
        {
            token.NotBefore = Now.AddSeconds(fromSeconds);
            token.Expires = Now.AddSeconds(toSeconds);
        })) is not null).ShouldBe(good);

    [Fact]
    public async Task A_token_that_never_ends_is_refused() =>
        (await _settlement.Read(Made(token => token.Expires = null))).ShouldBeNull();

    [Fact]
    public async Task A_token_of_another_issuer_is_refused() =>
        (await _settlement.Read(Made(token => token.Issuer = "somebody"))).ShouldBeNull();

    [Fact]
    public async Task A_token_that_names_no_service_is_refused() =>
        (await _settlement.Read(Made(token => token.Claims = new Dictionary<string, object>()))).ShouldBeNull();

    [Theory]
    [InlineData(SecurityAlgorithms.HmacSha256, true)]
    [InlineData(SecurityAlgorithms.HmacSha512, false)]
    public async Task A_token_signed_in_another_way_is_refused(string algorithm, bool good)
    {
        byte[] key = [.. Key, .. Key];
        var token = Made(made => made.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(key), algorithm));

        (await new ServiceTokens(key, "settlement").Read(token) is not null).ShouldBe(good);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    public async Task A_token_without_a_signature_is_refused(string algorithm)
    {
        var good = Made(_ => { }).Split('.');
        var header = Base64UrlEncoder.Encode($$"""{"alg":"{{algorithm}}","typ":"JWT"}""");

        (await _settlement.Read($"{header}.{good[1]}.")).ShouldBeNull();
        (await _settlement.Read($"{header}.{good[1]}")).ShouldBeNull();
    }

    [Fact]
    public async Task A_token_that_was_changed_anywhere_is_refused()
    {
        var good = Made(_ => { });
        (await _settlement.Read(good)).ShouldNotBeNull();
        for (var i = 0; i < good.Length; i++)
        {
            // The last letter of a part may hold bits that say nothing.
            if (good[i] == '.' || i + 1 == good.Length || good[i + 1] == '.') continue;
            var changed = good[..i] + (good[i] == 'A' ? 'B' : 'A') + good[(i + 1)..];
            (await _settlement.Read(changed)).ShouldBeNull($"changed at {i}");
        }

        var parts = good.Split('.');
        var claims = Base64UrlEncoder.Decode(parts[1]).Replace("order_book", "settlement");
        (await _settlement.Read($"{parts[0]}.{Base64UrlEncoder.Encode(claims)}.{parts[2]}")).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("a.b.c.d.e")]
    [InlineData("\u0000\uFFFF")]
    public async Task What_is_no_token_is_refused(string token)
    {
        (await _settlement.Read(token)).ShouldBeNull();
        (await _settlement.Read(new string('x', 1_000_000) + token)).ShouldBeNull();
    }

    [Fact]
    public void A_short_key_makes_no_tokens() =>
        Should.Throw<ArgumentException>(() => new ServiceTokens(new byte[31], "settlement"));

    private static string Made(Action<SecurityTokenDescriptor> change)
    {
        var token = new SecurityTokenDescriptor
        {
            Issuer = "compute-exchange",
            Audience = "settlement",
            IssuedAt = Now.AddSeconds(-900),
            NotBefore = Now.AddSeconds(-30),
            Expires = Now.AddSeconds(300),
            Claims = new Dictionary<string, object> { ["sub"] = "order_book" },
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Key), SecurityAlgorithms.HmacSha256),
        };
        change(token);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(token);
    }
}
