using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf;
using Grpc.Core;
using Ask = ComputeExchange.MatchingEngine.V1.EnterOrdersRequest;
using Told = ComputeExchange.MatchingEngine.V1.EnterOrdersResponse;

namespace ComputeExchange.OrderBook.Futures.Entry;

/// <summary>Opens a line to the engine for the participant whose call is being served.</summary>
public delegate IOrderLine OpenOrderLine(CancellationToken cancel);

/// <summary>Batches of a participant's packed requests to the engine, and what each caused, in the same order. While it is open the participant counts as connected.</summary>
public interface IOrderLine : IDisposable
{
    /// <summary>Sends a batch; the bytes may be used again when the task is done.</summary>
    Task Send(Guid participant, ReadOnlyMemory<byte> requests, CancellationToken cancel);

    /// <summary>Nothing more will be sent.</summary>
    Task Finish();

    /// <summary>What the next batch caused, after it is committed.</summary>
    /// <exception cref="RpcException">The engine is away; of this batch and those after it nothing is known.</exception>
    Task<Told> Receive(CancellationToken cancel);
}

/// <summary>A line over gRPC.</summary>
internal sealed class GrpcOrderLine(AsyncDuplexStreamingCall<Ask, Told> call) : IOrderLine
{
    public Task Send(Guid participant, ReadOnlyMemory<byte> requests, CancellationToken cancel) =>
        call.RequestStream.WriteAsync(new Ask { ParticipantId = participant.ToString(), Requests = UnsafeByteOperations.UnsafeWrap(requests) }, cancel);

    public Task Finish() => call.RequestStream.CompleteAsync();

    public async Task<Told> Receive(CancellationToken cancel) => await call.ResponseStream.MoveNext(cancel)
        ? call.ResponseStream.Current
        : throw new RpcException(new Status(StatusCode.Unavailable, "The engine ended the stream."));

    public void Dispose() => call.Dispose();
}
