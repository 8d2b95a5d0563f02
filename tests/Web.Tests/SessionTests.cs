using Shouldly;
using Xunit;

namespace ComputeExchange.Web.Tests;

public sealed class SessionTests : IDisposable
{
    private readonly string _keys = Directory.CreateTempSubdirectory("cx-demo-keys-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public SessionTests()
    {
        File.WriteAllText(Path.Combine(_keys, "buyer-02"), Front.BuyerKey + "\n");
        File.WriteAllText(Path.Combine(_keys, "operator"), "gpx_sim_bbbb_other\n");
    }

    public void Dispose() => Directory.Delete(_keys, recursive: true);

    [Fact]
    public async Task Signed_in_a_browser_acts_with_its_participants_key_until_it_signs_out()
    {
        await using var front = await Front.Open();
        var (status, body) = await front.SignIn();
        status.ShouldBe(200);
        body.GetProperty("name").GetString().ShouldBe("buyer-02");
        body.GetProperty("roles")[0].GetString().ShouldBe("buyer");

        await front.Send(HttpMethod.Get, "/v1/bids");
        front.OrderBook.Authorization.ShouldBe($"Bearer {Front.BuyerKey}");

        await front.Send(HttpMethod.Delete, "/session");
        await front.Send(HttpMethod.Get, "/v1/bids");
        front.OrderBook.Authorization.ShouldBeNull();
    }

    [Fact]
    public async Task The_cookie_is_out_of_reach_of_scripts_and_other_sites_and_does_not_show_the_key()
    {
        await using var front = await Front.Open();
        using var answer = await front.Http.PostAsync("/session", new StringContent($$"""{"key":"{{Front.BuyerKey}}"}""", System.Text.Encoding.UTF8, "application/json"), Cancel);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=strict");
        cookie.ShouldNotContain("gpx_");
    }

    [Fact]
    public async Task A_key_that_is_nobodys_does_not_sign_in()
    {
        await using var front = await Front.Open();
        (await front.Send(HttpMethod.Post, "/session", """{"key":"gpx_sim_x_y"}""")).Status.ShouldBe(401);
        (await front.Send(HttpMethod.Post, "/session", """{"key":" "}""")).Status.ShouldBe(400);
        (await front.Get("/session")).GetProperty("signed_in").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task A_session_ends_when_its_key_is_revoked()
    {
        await using var front = await Front.Open();
        await front.SignIn();
        front.Participants.Revoked = true;
        (await front.Get("/session")).GetProperty("signed_in").GetBoolean().ShouldBeFalse();
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task A_session_does_nothing_for_a_page_from_elsewhere(string header, string value)
    {
        await using var front = await Front.Open();
        await front.SignIn();
        var (status, _) = await front.Send(HttpMethod.Post, "/v1/bids", "{}", (header, value));
        status.ShouldBe(403);
        front.OrderBook.Asked.ShouldBeNull();
        (await front.Send(HttpMethod.Post, "/session", $$"""{"key":"{{Front.BuyerKey}}"}""", (header, value))).Status.ShouldBe(403);
    }

    [Fact]
    public async Task A_changed_cookie_is_no_session()
    {
        await using var front = await Front.Open();
        using var answer = await front.Http.PostAsync("/session", new StringContent($$"""{"key":"{{Front.BuyerKey}}"}""", System.Text.Encoding.UTF8, "application/json"), Cancel);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        using var other = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = front.Http.BaseAddress };
        for (var at = "cx_session=".Length; at < cookie.Length; at += 7)
        {
            var changed = cookie[..at] + (cookie[at] == 'A' ? 'B' : 'A') + cookie[(at + 1)..];
            using var request = new HttpRequestMessage(HttpMethod.Get, "/session");
            request.Headers.Add("Cookie", changed);
            using var response = await other.SendAsync(request, Cancel);
            (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("\"signed_in\":false");
        }
    }

    [Fact]
    public async Task In_a_demo_one_signs_in_by_name()
    {
        await using var front = await Front.Open(_keys);
        (await front.Get("/session")).GetProperty("demo_names").EnumerateArray().Select(name => name.GetString()).ShouldBe(["buyer-02", "operator"]);
        (await front.Send(HttpMethod.Post, "/session/demo", """{"name":"buyer-02"}""")).Body.GetProperty("signed_in").GetBoolean().ShouldBeTrue();
        (await front.Send(HttpMethod.Post, "/session/demo", """{"name":"../operator"}""")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Where_time_is_real_nobody_signs_in_by_name()
    {
        await using var front = await Front.Open(_keys, simulated: false);
        (await front.Get("/session")).GetProperty("demo_names").GetArrayLength().ShouldBe(0);
        (await front.Send(HttpMethod.Post, "/session/demo", """{"name":"buyer-02"}""")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task The_console_answers_to_no_other_name_than_its_own()
    {
        await using var front = await Front.Open(_keys);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/session");
        request.Headers.Host = "rebound.example";
        using var response = await front.Http.SendAsync(request, Cancel);
        ((int)response.StatusCode).ShouldBe(400);
    }
}
