using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.Participants.V1;
using ComputeExchange.Web.Rest;
using Grpc.Core;

namespace ComputeExchange.Web.Session;

/// <summary>Who the browser is signed in as.</summary>
/// <param name="SignedIn">Whether it is.</param>
/// <param name="ParticipantId">The participant, a UUID.</param>
/// <param name="Name">Its name.</param>
/// <param name="Roles">What it may be: provider, buyer, trader, operator, auditor.</param>
/// <param name="DemoNames">Where the exchange is a demo on this machine: whose key may be used by name.</param>
public sealed record SessionView(bool SignedIn, string? ParticipantId, string? Name, IReadOnlyList<string> Roles, IReadOnlyList<string> DemoNames);

/// <summary>An API key to sign in with.</summary>
/// <param name="Key">The whole key, <c>gpx_…</c>.</param>
public sealed record SignIn(string? Key);

/// <summary>A participant of the demo to sign in as.</summary>
/// <param name="Name">One of <c>demo_names</c>.</param>
public sealed record DemoSignIn(string? Name);

/// <summary>Signing in and out of the console.</summary>
public sealed class SessionRoutes(ExchangeClient exchange, ServiceTokens tokens, SessionCookie sessions, DemoKeys demo)
{
    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/session").WithTags("Session");
        group.MapGet("", (Delegate)Get).WithName("GetSession").WithSummary("Who the browser is signed in as.").Produces<SessionView>();
        group.MapPost("", Post).WithName("SignIn").WithSummary("Signs the browser in with an API key.").Produces<SessionView>().Produces<Problem>(401, Problem.MediaType);
        group.MapPost("/demo", PostDemo).WithName("SignInToDemo").WithSummary("Signs the browser in as a participant of the demo.").Produces<SessionView>().Produces<Problem>(404, Problem.MediaType);
        group.MapDelete("", (Delegate)Delete).WithName("SignOut").WithSummary("Signs the browser out.").Produces<SessionView>();
    }

    private async Task Get(HttpContext context)
    {
        if (sessions.KeyOf(context) is not { } key)
        {
            await Show(context, null);
            return;
        }
        try
        {
            await Show(context, await Owner(key, context.RequestAborted));
        }
        catch (RpcException gone) when (gone.StatusCode == StatusCode.Unauthenticated)
        {
            SessionCookie.Take(context);
            await Show(context, null);
        }
        catch (RpcException refused)
        {
            await Problem.Of(refused).Answer(context);
        }
    }

    private Task Post(SignIn signIn, HttpContext context) => string.IsNullOrWhiteSpace(signIn.Key)
        ? Problem.Of([new FieldError("key", "is missing: give an API key, gpx_….")]).Answer(context)
        : Begin(signIn.Key.Trim(), context);

    private Task PostDemo(DemoSignIn signIn, HttpContext context) => demo.KeyOf(signIn.Name ?? "") is { } key
        ? Begin(key, context)
        : Problem.Make(StatusCode.NotFound, demo.Names.Count == 0
            ? "This exchange is no demo: sign in with an API key."
            : $"name: '{signIn.Name}' is no participant of the demo; GET /session lists them.").Answer(context);

    private async Task Begin(string key, HttpContext context)
    {
        if (!Credentials.IsOfThisPage(context.Request))
        {
            await Problem.Make(StatusCode.PermissionDenied, "Sign in from the console's own page.").Answer(context);
            return;
        }
        try
        {
            var owner = await Owner(key, context.RequestAborted);
            sessions.Give(context, key);
            await Show(context, owner);
        }
        catch (RpcException refused) when (refused.StatusCode is StatusCode.Unauthenticated or StatusCode.InvalidArgument)
        {
            await Problem.Make(StatusCode.Unauthenticated, "key: is nobody's, revoked or past its time. A key looks like gpx_live_… and is shown once, when it is made.",
                errors: [new FieldError("key", "is nobody's, revoked or past its time.")]).Answer(context);
        }
        catch (RpcException refused)
        {
            await Problem.Of(refused).Answer(context);
        }
    }

    private Task Delete(HttpContext context)
    {
        SessionCookie.Take(context);
        return Show(context, null);
    }

    private async Task<AuthenticateKeyResponse> Owner(string key, CancellationToken cancel) => await exchange.Participants.AuthenticateKeyAsync(
        new AuthenticateKeyRequest { Key = key },
        new Metadata { { "authorization", $"Bearer {tokens.For(ServiceNames.Participants)}" } },
        TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10), cancel);

    private Task Show(HttpContext context, AuthenticateKeyResponse? owner)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(
            new SessionView(owner is not null, owner?.ParticipantId, owner?.Name, [.. owner?.Roles.Select(role => role.ToString().ToLowerInvariant()) ?? []], demo.Names),
            Problem.Names, context.RequestAborted);
    }
}
