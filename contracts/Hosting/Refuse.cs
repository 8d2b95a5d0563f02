using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using GrpcStatus = Grpc.Core.Status;
using RpcStatus = Google.Rpc.Status;

namespace ComputeExchange.Hosting;

/// <summary>Refusals as they go over the wire: a status code, a sentence, and google.rpc details for programs.</summary>
public static class Refuse
{
    private const string Domain = "computeexchange";

    /// <summary>INVALID_ARGUMENT: a field is wrong; the description says what would be right.</summary>
    public static RpcException Field(string field, string description) => Fields([(field, description)]);

    /// <summary>INVALID_ARGUMENT: several fields are wrong.</summary>
    public static RpcException Fields(IReadOnlyList<(string Field, string Description)> wrong)
    {
        var details = new BadRequest();
        details.FieldViolations.AddRange(wrong.Select(w => new BadRequest.Types.FieldViolation { Field = w.Field, Description = w.Description }));
        return Make(StatusCode.InvalidArgument, string.Join("; ", wrong.Select(w => $"{w.Field}: {w.Description}")), details);
    }

    /// <summary>FAILED_PRECONDITION: a rule of the exchange says no.</summary>
    /// <param name="reason">UPPER_SNAKE_CASE, unique, never changed.</param>
    /// <param name="message">What to do about it, for people.</param>
    /// <param name="field">The field that caused it; may be empty.</param>
    public static RpcException Rule(string reason, string message, string field = "") =>
        Reasoned(StatusCode.FailedPrecondition, reason, message, field);

    /// <summary>ALREADY_EXISTS: the request id was used for something else, or the thing is there already.</summary>
    public static RpcException Exists(string reason, string message, string field = "") =>
        Reasoned(StatusCode.AlreadyExists, reason, message, field);

    /// <summary>NOT_FOUND: there is no such thing, or it is not the caller's.</summary>
    public static RpcException NotFound(string message) => Reasoned(StatusCode.NotFound, "NOT_FOUND", message, "");

    /// <summary>PERMISSION_DENIED.</summary>
    public static RpcException Denied(string message) => Denied("ACCESS_DENIED", message);

    /// <summary>PERMISSION_DENIED, where a program needs to know why.</summary>
    /// <param name="reason">UPPER_SNAKE_CASE, unique, never changed.</param>
    /// <param name="message">What to do about it, for people.</param>
    public static RpcException Denied(string reason, string message) => Reasoned(StatusCode.PermissionDenied, reason, message, "");

    /// <summary>A required UUID of a request.</summary>
    /// <exception cref="RpcException">It is not one.</exception>
    public static Guid ParseId(string field, string value) =>
        Guid.TryParse(value, out var id) && id != Guid.Empty
            ? id
            : throw Field(field, value.Length == 0 ? "is missing: give a UUID." : $"'{value}' is not a UUID.");

    /// <summary>A required time of a request.</summary>
    /// <exception cref="RpcException">It is missing.</exception>
    public static DateTimeOffset ParseTime(string field, Timestamp? value)
    {
        if (value is null) throw Field(field, "is missing: give a time in UTC.");
        try
        {
            return value.ToDateTimeOffset();
        }
        catch (Exception malformed) when (malformed is InvalidOperationException or ArgumentOutOfRangeException or OverflowException)
        {
            throw Field(field, "is not a time between the years 1 and 9999.");
        }
    }

    /// <summary>The page asked for: how many, and how many to skip.</summary>
    /// <exception cref="RpcException">The token is not one of ours, or the size is out of range.</exception>
    public static (int Size, int Skip) ParsePage(int pageSize, string pageToken, int standard, int most)
    {
        if (pageSize < 0 || pageSize > most) throw Field("page_size", $"is {pageSize}; it can be 1 to {most}, or 0 for {standard}.");
        if (pageToken.Length > 0 && (!int.TryParse(pageToken, out var given) || given < 0))
            throw Field("page_token", "is not a token of an earlier page.");
        return (pageSize == 0 ? standard : pageSize, pageToken.Length == 0 ? 0 : int.Parse(pageToken, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The token of the page after one that began at <paramref name="skip"/>; empty when it was not full.</summary>
    public static string NextPage(int skip, int size, int returned) =>
        returned < size ? "" : (skip + returned).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static RpcException Reasoned(StatusCode code, string reason, string message, string field)
    {
        var info = new ErrorInfo { Reason = reason, Domain = Domain };
        if (field.Length > 0) info.Metadata.Add("field", field);
        return Make(code, message, info);
    }

    private static RpcException Make(StatusCode code, string message, IMessage detail)
    {
        var status = new RpcStatus { Code = (int)code, Message = message };
        status.Details.Add(Any.Pack(detail));
        var trailers = new Metadata { { Client.RpcFailure.DetailsTrailer, status.ToByteArray() } };
        return new RpcException(new GrpcStatus(code, message), trailers);
    }
}
