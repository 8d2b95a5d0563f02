using ComputeExchange.Client;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Web.Rest;
using ComputeExchange.Web.Session;
using Grpc.Core;

namespace ComputeExchange.Web.Files;

/// <summary>A document as the file that it is, for browsers and for <c>curl -O</c>.</summary>
public sealed class DocumentFile(ExchangeClient exchange, Credentials credentials)
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(60);

    /// <summary>Maps the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/v1/documents/{document_id}/file", (Delegate)Get)
        .WithTags("DocumentsService").WithName("GetDocumentFile")
        .WithSummary("A document as a file: format is pdf (the default), csv or json.")
        .Produces(200, contentType: "application/pdf", additionalContentTypes: ["text/csv", "application/json"])
        .Produces<Problem>(401, Problem.MediaType).Produces<Problem>(404, Problem.MediaType);

    private async Task Get(HttpContext context)
    {
        if (credentials.Of(context, ServiceNames.Settlement, isPublic: false, out var refusal) is not { } headers)
        {
            await refusal!.Answer(context);
            return;
        }
        try
        {
            var file = await exchange.Documents.GetDocumentAsync(
                new GetDocumentRequest
                {
                    DocumentId = (string?)context.Request.RouteValues["document_id"] ?? "",
                    Format = context.Request.Query["format"].ToString(),
                },
                headers, TimeProvider.System.GetUtcNow().UtcDateTime + AnswersWithin, context.RequestAborted);
            context.Response.ContentType = file.ContentType;
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.ContentDisposition = $"attachment; filename=\"{file.FileName}\"";
            await context.Response.Body.WriteAsync(file.Content.Memory, context.RequestAborted);
        }
        catch (RpcException refused) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await Problem.Of(refused).Answer(context);
        }
    }
}
