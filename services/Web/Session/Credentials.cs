using ComputeExchange.Client;
using ComputeExchange.Hosting.Access;
using ComputeExchange.Web.Rest;
using Grpc.Core;

namespace ComputeExchange.Web.Session;

/// <summary>As whom a request is passed on: by the key it shows, else by its session, else as a visitor.</summary>
public sealed class Credentials(SessionCookie sessions, ServiceTokens tokens)
{
    /// <summary>The headers of the call; null with the reason why it is not passed on at all.</summary>
    /// <param name="context">The request.</param>
    /// <param name="service">The service to be called.</param>
    /// <param name="isPublic">Whether visitors may ask this.</param>
    /// <param name="refusal">Why not.</param>
    public Metadata? Of(HttpContext context, string service, bool isPublic, out Problem? refusal)
    {
        refusal = null;
        var shown = context.Request.Headers.Authorization.ToString();
        if (shown.Length > 0)
        {
            // A service's token is for the inside: nobody comes in by the front door with one.
            if (KeyOf(shown) is { } given) return With(given);
            refusal = Problem.Make(StatusCode.Unauthenticated, "authorization: must be 'Bearer gpx_…', an API key of the exchange.");
            return null;
        }
        if (sessions.KeyOf(context) is { } key)
        {
            if (IsOfThisPage(context.Request)) return With(key);
            refusal = Problem.Make(StatusCode.PermissionDenied, "A session acts only from the console's own pages; programs send 'authorization: Bearer gpx_…'.");
            return null;
        }
        return isPublic ? With(tokens.For(service)) : [];
    }

    private static string? KeyOf(string authorization)
    {
        const string scheme = "Bearer ";
        var key = authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? authorization[scheme.Length..].Trim() : "";
        return key.StartsWith("gpx_", StringComparison.Ordinal) ? key : null;
    }

    /// <summary>Whether a request that changes something comes from a page of this origin, as its browser says.</summary>
    public static bool IsOfThisPage(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) return true;
        if (request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site != "same-origin") return false;
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || origin == $"{request.Scheme}://{request.Host}";
    }

    private static Metadata With(string credential) => new() { { "authorization", $"Bearer {credential}" } };
}
