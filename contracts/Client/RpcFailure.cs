using Google.Rpc;
using Grpc.Core;
using Status = Google.Rpc.Status;

namespace ComputeExchange.Client;

/// <summary>A refused call in words: what was wrong, which field, and what would be right.</summary>
/// <param name="Code">The status code.</param>
/// <param name="Message">The sentence for people.</param>
/// <param name="Reason">The enumerated reason, or empty.</param>
/// <param name="Fields">The offending fields, each with what would be right.</param>
public sealed record RpcFailure(StatusCode Code, string Message, string Reason, IReadOnlyList<(string Field, string Description)> Fields)
{
    /// <summary>The trailer that carries a google.rpc.Status.</summary>
    public const string DetailsTrailer = "grpc-status-details-bin";

    /// <summary>Reads the details of a failed call.</summary>
    public static RpcFailure From(RpcException exception)
    {
        var reason = "";
        var fields = new List<(string, string)>();
        if (exception.Trailers?.FirstOrDefault(entry => entry.Key == DetailsTrailer) is { } trailer)
        {
            foreach (var detail in Status.Parser.ParseFrom(trailer.ValueBytes).Details)
            {
                if (detail.Is(ErrorInfo.Descriptor)) reason = detail.Unpack<ErrorInfo>().Reason;
                if (detail.Is(BadRequest.Descriptor))
                    fields.AddRange(detail.Unpack<BadRequest>().FieldViolations.Select(v => (v.Field, v.Description)));
            }
        }
        return new RpcFailure(exception.StatusCode, exception.Status.Detail, reason, fields);
    }

    /// <inheritdoc />
    public override string ToString() =>
        Fields.Count == 0
            ? Message + (Reason.Length > 0 ? $" ({Reason})" : "")
            : string.Join("; ", Fields.Select(f => $"{f.Field}: {f.Description}"));
}
