using ComputeExchange.Facts.Storage;
using ComputeExchange.Hosting.Telemetry;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace ComputeExchange.Hosting.Access;

/// <summary>The lock on every door: finds out who calls, asks the method's rule, and lets no exception out as it is.</summary>
public sealed class AccessInterceptor(ServiceTokens tokens, IKeyBook keys, ILogger<AccessInterceptor> log, INodeTokens? nodes = null) : Interceptor
{
    /// <inheritdoc />
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        (await Admit(context)).PutInto(context);
        return await Guard(context, () => continuation(request, context));
    }

    /// <inheritdoc />
    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        (await Admit(context)).PutInto(context);
        await Guard(context, () => continuation(request, responseStream, context));
    }

    /// <inheritdoc />
    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        (await Admit(context)).PutInto(context);
        return await Guard(context, () => continuation(requestStream, context));
    }

    /// <inheritdoc />
    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        (await Admit(context)).PutInto(context);
        await Guard(context, () => continuation(requestStream, responseStream, context));
    }

    /// <summary>
    /// Who calls, if he may. Each handler puts him into the context by itself: what an async method sets on the flow of
    /// control is gone when it returns, and the calls made while serving would not know for whom they are.
    /// </summary>
    private async Task<Caller> Admit(ServerCallContext context)
    {
        var caller = await Identify(context.RequestHeaders.GetValue("authorization"), context.CancellationToken);
        switch (AccessRules.Judge(context.Method, caller))
        {
            case Verdict.Unauthenticated:
                DoorMeasures.Denied(context.Method, "unauthenticated");
                throw new RpcException(new Status(
                    StatusCode.Unauthenticated, "Show an API key: send 'authorization: Bearer gpx_…'. The one sent is missing, unknown, revoked or past its time."));
            case Verdict.Denied:
                DoorMeasures.Denied(context.Method, "denied");
                throw Refuse.Denied($"{context.Method} is not for this caller's roles.");
        }
        return caller;
    }

    private async Task<Caller> Identify(string? authorization, CancellationToken cancel)
    {
        const string scheme = "Bearer ";
        if (authorization is null || !authorization.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) return Caller.Nobody;
        var credential = authorization[scheme.Length..].Trim();
        var caller = credential.StartsWith("gpx_", StringComparison.Ordinal) ? await keys.Find(credential, cancel) : await tokens.Read(credential);
        if (caller is null && nodes is not null) caller = await nodes.Read(credential, cancel);
        return caller ?? Caller.Nobody;
    }

    private async Task<T> Guard<T>(ServerCallContext context, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception failure) when (Translated(context, failure) is { } answer)
        {
            throw answer;
        }
    }

    private Task Guard(ServerCallContext context, Func<Task> call) => Guard(context, async () =>
    {
        await call();
        return 0;
    });

    private RpcException? Translated(ServerCallContext context, Exception failure)
    {
        switch (failure)
        {
            case RpcException { Status.DebugException: HttpRequestException or IOException } cut:
                // Another service went away under our call: nobody knows what became of it.
                log.LogWarning("{Method} failed for now: {Reason}", context.Method, cut.Status.Detail);
                return new RpcException(new Status(StatusCode.Unavailable, "The exchange cannot answer right now; try again with the same request id."));
            case RpcException:
                return null;
            case OperationCanceledException or IOException when context.CancellationToken.IsCancellationRequested:
                return new RpcException(new Status(StatusCode.Cancelled, "The caller went away."));
            case Npgsql.NpgsqlException { IsTransient: true } or Npgsql.PostgresException { SqlState: "57P01" or "57P02" or "57P03" or "40001" or "40P01" }:
            case UnconfirmedCommitException or DbUpdateException { InnerException: UnconfirmedCommitException }:
            case TimeoutException or ObjectDisposedException or OperationCanceledException:
                log.LogWarning(failure, "{Method} failed for now.", context.Method);
                return new RpcException(new Status(StatusCode.Unavailable, "The exchange cannot answer right now; try again with the same request id."));
            case InvalidOperationException { InnerException: Npgsql.NpgsqlException }:
                log.LogWarning(failure, "{Method} failed for now.", context.Method);
                return new RpcException(new Status(StatusCode.Unavailable, "The exchange's database is away; try again with the same request id."));
            default:
                log.LogError(failure, "{Method} failed.", context.Method);
                return new RpcException(new Status(StatusCode.Internal, "Something is wrong inside the exchange; the operator has been told."));
        }
    }
}
