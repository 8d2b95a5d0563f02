using ComputeExchange.Client;
using ComputeExchange.Hosting.Access;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Web.Rest;
using Google.Protobuf;
using Grpc.Core;

namespace ComputeExchange.Web.Files;

/// <summary>Where a payment rail calls back: the body goes on exactly as it came, since the signature is over its bytes.</summary>
public sealed class RailEvents(ExchangeClient exchange, ServiceTokens tokens)
{
    /// <summary>HMAC-SHA256 of the body with the rail's secret, lower-case hexadecimal.</summary>
    public const string SignatureHeader = "CX-Signature";

    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(30);

    /// <summary>Maps the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/rails/{rail}/events", (Delegate)Post)
        .WithTags("PaymentsService").WithName("DeliverRailEvents")
        .WithSummary($"What a payment rail says of payments and deposits. The header {SignatureHeader} bears HMAC-SHA256 of the body with the rail's secret, in hexadecimal.")
        .Produces(200, contentType: "application/json").Produces<Problem>(400, Problem.MediaType).Produces<Problem>(401, Problem.MediaType);

    private async Task Post(HttpContext context)
    {
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var done = await exchange.Payments.DeliverRailEventsAsync(
                new DeliverRailEventsRequest
                {
                    Rail = (string?)context.Request.RouteValues["rail"] ?? "",
                    Body = ByteString.CopyFrom(body.GetBuffer(), 0, (int)body.Length),
                    Signature = context.Request.Headers[SignatureHeader].ToString(),
                },
                new Metadata { { "authorization", $"Bearer {tokens.For(ServiceNames.Settlement)}" } },
                TimeProvider.System.GetUtcNow().UtcDateTime + AnswersWithin, context.RequestAborted);
            await context.Response.WriteAsJsonAsync(new { done.AppliedCount, done.RepeatedCount }, Problem.Names, context.RequestAborted);
        }
        catch (RpcException refused) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await Problem.Of(refused).Answer(context);
        }
        catch (BadHttpRequestException malformed)
        {
            await Problem.Make(StatusCode.InvalidArgument, malformed.Message).Answer(context);
        }
    }
}
