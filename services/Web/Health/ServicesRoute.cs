using ComputeExchange.Client;
using ComputeExchange.Facts.V1;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Web.Rest;
using ComputeExchange.Web.Session;
using Grpc.Core;

namespace ComputeExchange.Web.Health;

/// <summary>How the exchange's services are.</summary>
/// <param name="FeedNumber">The last number of the engine's feed; 0 while the engine does not answer.</param>
/// <param name="Services">Every service.</param>
public sealed record ServicesView(long FeedNumber, IReadOnlyList<ServiceView> Services);

/// <summary>How one service is.</summary>
/// <param name="Service">Its name.</param>
/// <param name="Up">Whether it answers.</param>
/// <param name="Detail">Why not, for people; empty when it does.</param>
/// <param name="AnswerMilliseconds">How long it took to answer.</param>
/// <param name="FeedAppliedNumber">The last number of the feed it applied; null if it reads no feed.</param>
/// <param name="FeedLag">How many entries of the feed it is behind; null if it reads no feed.</param>
/// <param name="LastNumber">The last number of its own facts.</param>
/// <param name="PendingCount">Work that is due and not finished.</param>
/// <param name="ClockTime">Its time, UTC; null while it does not answer.</param>
/// <param name="Heard">How far it is with the facts of the others.</param>
public sealed record ServiceView(
    string Service, bool Up, string Detail, long AnswerMilliseconds, long? FeedAppliedNumber, long? FeedLag, long LastNumber, long PendingCount,
    DateTimeOffset? ClockTime, IReadOnlyList<HeardView> Heard);

/// <summary>How far a service is with another's facts.</summary>
/// <param name="Producer">Whose facts.</param>
/// <param name="AppliedNumber">The last number applied.</param>
/// <param name="Lag">How many it is behind; null while the producer does not answer.</param>
public sealed record HeardView(string Producer, long AppliedNumber, long? Lag);

/// <summary>The health of every service on one page: asked of each, as the caller.</summary>
public sealed class ServicesRoute(ExchangeClient exchange, Credentials credentials)
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(2);

    /// <summary>Maps the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/services", (Delegate)Get)
        .WithTags("Services").WithName("ListServices")
        .WithSummary("How every service is: whether it answers, and how far it is behind. For operators and auditors.")
        .Produces<ServicesView>().Produces<Problem>(401, Problem.MediaType).Produces<Problem>(403, Problem.MediaType);

    private async Task Get(HttpContext context)
    {
        var asked = ServiceNames.Keepers.Select(service => Ask(context, service, headers =>
            exchange.FactsOf(service).GetProgressAsync(new GetProgressRequest(), headers, Until, context.RequestAborted).ResponseAsync)).ToList();
        var engine = await Ask(context, ServiceNames.MatchingEngine, headers =>
            exchange.Engine.GetEngineStatusAsync(new GetEngineStatusRequest(), headers, Until, context.RequestAborted).ResponseAsync);
        var keepers = await Task.WhenAll(asked);

        // Not allowed, or nobody: the same answer from all of them.
        if (keepers.Select(answer => answer.Problem).Append(engine.Problem).FirstOrDefault(p => p is { Status: 401 or 403 }) is { } refused)
        {
            await refused.Answer(context);
            return;
        }
        var feed = engine.Reply?.FeedNumber ?? 0;
        var told = keepers.Where(k => k.Reply is not null).ToDictionary(k => k.Service, k => k.Reply!.LastNumber);
        if (engine.Reply is not null) told[ServiceNames.Feed] = feed;
        var views = keepers.Select(keeper => View(keeper, told)).Prepend(new ServiceView(
            ServiceNames.MatchingEngine, engine.Reply is not null, engine.Problem?.Detail ?? "", engine.Milliseconds, null, null, feed, 0, null, []));

        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(new ServicesView(feed, [.. views]), Problem.Names, context.RequestAborted);
    }

    private static ServiceView View(Asked<GetProgressResponse> keeper, Dictionary<string, long> told)
    {
        if (keeper.Reply is not { } reply) return new ServiceView(keeper.Service, false, keeper.Problem!.Detail, keeper.Milliseconds, null, null, 0, 0, null, []);
        var heard = reply.Heard.Select(h => new HeardView(h.Producer, h.AppliedNumber, told.TryGetValue(h.Producer, out var last) ? Math.Max(0, last - h.AppliedNumber) : null)).ToList();
        var feed = heard.Find(h => h.Producer == ServiceNames.Feed);
        return new ServiceView(
            keeper.Service, true, "", keeper.Milliseconds, feed?.AppliedNumber, feed?.Lag, reply.LastNumber, reply.PendingCount,
            reply.ClockTime.ToDateTimeOffset(), heard);
    }

    private async Task<Asked<T>> Ask<T>(HttpContext context, string service, Func<Metadata, Task<T>> ask)
        where T : class
    {
        var began = TimeProvider.System.GetTimestamp();
        long Took() => (long)TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
        if (credentials.Of(context, service, isPublic: false, out var refusal) is not { } headers) return new Asked<T>(service, null, refusal, 0);
        try
        {
            return new Asked<T>(service, await ask(headers), null, Took());
        }
        catch (RpcException failure) when (!context.RequestAborted.IsCancellationRequested)
        {
            return new Asked<T>(service, null, Problem.Of(failure), Took());
        }
    }

    private static DateTime Until => TimeProvider.System.GetUtcNow().UtcDateTime + AnswersWithin;

    private sealed record Asked<T>(string Service, T? Reply, Problem? Problem, long Milliseconds);
}
