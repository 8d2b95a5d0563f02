using System.Text.Json;
using ComputeExchange.Client;
using Grpc.Core;

namespace ComputeExchange.Web.Rest;

/// <summary>Refusals over HTTP: RFC 9457, with the reason and the fields of the exchange's own refusal.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The gRPC status, in UPPER_SNAKE_CASE.</param>
/// <param name="Title">What kind of refusal it is.</param>
/// <param name="Detail">What was wrong and what would be right, for people.</param>
/// <param name="Reason">The enumerated reason; may be empty.</param>
/// <param name="Errors">The offending fields.</param>
public sealed record Problem(int Status, string Code, string Title, string Detail, string Reason, IReadOnlyList<FieldError> Errors)
{
    /// <summary>The media type of a problem.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>A refused call.</summary>
    public static Problem Of(RpcException refused)
    {
        var failure = RpcFailure.From(refused);

        // A dead connection is told by the client library in its own words: nothing of them helps a reader.
        var detail = refused.Status.DebugException is not null && failure.Reason.Length == 0
            ? "A service of the exchange does not answer right now; try again with the same request id."
            : failure.Message;
        var code = refused.Status.DebugException is HttpRequestException or IOException ? StatusCode.Unavailable : failure.Code;
        return Make(code, detail, failure.Reason, [.. failure.Fields.Select(field => new FieldError(field.Field, field.Description))]);
    }

    /// <summary>A request of which some fields are wrong.</summary>
    public static Problem Of(IReadOnlyList<FieldError> wrong) => Make(
        StatusCode.InvalidArgument, string.Join(" ", wrong.Select(error => $"{error.Field} {error.Description}")), "", wrong);

    /// <summary>A refusal of this door's own.</summary>
    public static Problem Make(StatusCode code, string detail, string reason = "", IReadOnlyList<FieldError>? errors = null)
    {
        var (status, title) = code switch
        {
            StatusCode.InvalidArgument or StatusCode.OutOfRange => (400, "Something in the request is wrong"),
            StatusCode.Unauthenticated => (401, "Who calls is not known"),
            StatusCode.PermissionDenied => (403, "Not for this caller"),
            StatusCode.NotFound => (404, "There is no such thing"),
            StatusCode.AlreadyExists or StatusCode.Aborted => (409, "It is there already, and different"),
            StatusCode.FailedPrecondition => (422, "A rule of the exchange says no"),
            StatusCode.ResourceExhausted => (429, "Too much at once"),
            StatusCode.Unavailable => (503, "Not right now"),
            StatusCode.DeadlineExceeded => (504, "It took too long"),
            _ => (500, "Something is wrong inside the exchange"),
        };
        var name = JsonNamingPolicy.SnakeCaseUpper.ConvertName(code.ToString());
        return new Problem(status, name, title, detail, reason, errors ?? []);
    }

    /// <summary>Answers a request with this problem.</summary>
    public async Task Answer(HttpContext context)
    {
        context.Response.StatusCode = Status;
        if (Status == StatusCodes.Status401Unauthorized) context.Response.Headers.WWWAuthenticate = "Bearer";
        if (Status == StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = "1";
        await context.Response.WriteAsJsonAsync(this, Names, MediaType, context.RequestAborted);
    }

    /// <summary>The names of this door's own messages, as in the contracts.</summary>
    public static JsonSerializerOptions Names { get; } = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        PropertyNameCaseInsensitive = true,
    };
}
