using System.Net;
using ComputeExchange.Client;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Client;

public sealed class FailoverTests : IDisposable
{
    private readonly Dictionary<string, Mood> _moods = new() { ["a"] = Mood.Serves, ["b"] = Mood.IsUnavailable };
    private readonly HttpMessageInvoker _calls;

    public FailoverTests() => _calls = new HttpMessageInvoker(new Failover([new Uri("http://a:1"), new Uri("http://b:1")], new Network(_moods)));

    private enum Mood
    {
        Serves,
        ServesSlowly,
        IsUnavailable,
        RefusesConnections,
        IsFrozen,
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _calls.Dispose();

    [Fact]
    public async Task Calls_stay_with_the_one_that_serves()
    {
        for (var i = 0; i < 3; i++) (await Call()).ShouldBe("a serves");
    }

    [Fact]
    public async Task A_call_that_finds_a_standby_fails_and_the_next_one_goes_elsewhere()
    {
        (_moods["a"], _moods["b"]) = (Mood.IsUnavailable, Mood.Serves);
        (await Call()).ShouldBe("a unavailable");
        for (var i = 0; i < 3; i++) (await Call()).ShouldBe("b serves");
    }

    [Fact]
    public async Task While_nobody_serves_each_is_asked_in_turn_but_not_one_that_is_dead()
    {
        _moods["a"] = Mood.RefusesConnections;
        await Should.ThrowAsync<HttpRequestException>(Call);
        for (var i = 0; i < 3; i++) (await Call()).ShouldBe("b unavailable");

        // It is back, and heard of by the question that was asked meanwhile.
        _moods["a"] = Mood.Serves;
        (await Call()).ShouldBe("b unavailable");
        await Task.Delay(50, Cancel);
        await Call();
        (await Call()).ShouldBe("a serves");
    }

    [Fact]
    public async Task A_frozen_one_is_given_up_in_about_a_second_and_a_slow_one_is_waited_for()
    {
        _moods["a"] = Mood.ServesSlowly;
        (await Call()).ShouldBe("a serves");

        (_moods["a"], _moods["b"]) = (Mood.IsFrozen, Mood.Serves);
        var began = TimeProvider.System.GetTimestamp();
        (await Should.ThrowAsync<HttpRequestException>(Call)).Message.ShouldBe("http://a:1/ does not answer.");
        TimeProvider.System.GetElapsedTime(began).TotalSeconds.ShouldBeInRange(0.5, 10);
        (await Call()).ShouldBe("b serves");
    }

    [Fact]
    public async Task The_callers_own_cancel_is_no_reason_to_go_elsewhere()
    {
        _moods["a"] = Mood.ServesSlowly;
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Should.ThrowAsync<OperationCanceledException>(() => _calls.SendAsync(new HttpRequestMessage(HttpMethod.Post, "http://a:1/call"), soon.Token));
        _moods["a"] = Mood.Serves;
        (await Call()).ShouldBe("a serves");
    }

    private async Task<string> Call()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://a:1/call");
        using var response = await _calls.SendAsync(request, Cancel);
        return response.ReasonPhrase!;
    }

    /// <summary>Two servers, each of which is as it is told to be.</summary>
    private sealed class Network(IReadOnlyDictionary<string, Mood> moods) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var server = request.RequestUri!.Host;
            var mood = moods[server];
            if (mood == Mood.RefusesConnections) throw new HttpRequestException("Connection refused.");
            if (mood == Mood.IsFrozen) await Task.Delay(Timeout.Infinite, cancellationToken);
            if (mood == Mood.ServesSlowly && request.RequestUri.AbsolutePath == "/call") await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
            var response = new HttpResponseMessage(HttpStatusCode.OK) { ReasonPhrase = $"{server} {(mood == Mood.IsUnavailable ? "unavailable" : "serves")}" };
            if (mood == Mood.IsUnavailable) response.Headers.Add("grpc-status", "14");
            return response;
        }
    }
}
