using System.Threading.Channels;
using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.OrderBook.V1;
using Grpc.Core;
using Told = ComputeExchange.MatchingEngine.V1.EnterOrdersResponse;

namespace ComputeExchange.OrderBook.Futures.Entry;

/// <summary>Takes orders in, one or streams of batches: packs them, hands them to the engine, and says of each what became of it.</summary>
/// <remarks>A batch of requests is one message to the engine and one back; no request is waited for by itself.</remarks>
public sealed class OrderEntry(OpenOrderLine open, InstrumentNames instruments, FirstOutcomes firstOutcomes)
{
    private const int MostInBatch = 8_192;
    private const int MostUnderway = 256;
    private static readonly TimeSpan EngineAnswersWithin = TimeSpan.FromSeconds(10);

    /// <summary>What became of one request.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: the outcome is not known.</exception>
    public async Task<OrderResult> Enter(OrderRequest order, Caller caller, CancellationToken cancel)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(EngineAnswersWithin);
        await instruments.Refresh([order], cancel);
        using var batch = OrderBatch.Of([order], instruments);
        if (batch.Records.IsEmpty) return batch.Results[0]!;
        try
        {
            using var line = open(late.Token);
            await line.Send(caller.Participant, batch.Records, late.Token);
            await line.Finish();
            await Answer(batch, await line.Receive(late.Token), late.Token);
            return batch.Results[0]!;
        }
        catch (Exception failure) when (failure is RpcException or OperationCanceledException or InvalidOperationException && !cancel.IsCancellationRequested)
        {
            throw Translated(failure);
        }
    }

    /// <summary>Answers batch after batch until the caller has no more.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: of the batches without an answer nothing is known. INVALID_ARGUMENT: a batch is too large.</exception>
    public async Task Enter(
        IAsyncStreamReader<EnterOrdersRequest> requests, IServerStreamWriter<EnterOrdersResponse> responses, Caller caller, CancellationToken cancel)
    {
        var participant = caller.Participant;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var line = open(ended.Token);
        var underway = Channel.CreateBounded<OrderBatch>(new BoundedChannelOptions(MostUnderway) { SingleReader = true, SingleWriter = true });
        var reading = Read(requests, participant, line, underway.Writer, ended.Token);
        var told = line.Receive(ended.Token);
        try
        {
            while (true)
            {
                if (!underway.Reader.TryRead(out var next))
                {
                    // The engine may go away while nothing is asked: then the caller is not connected any more, and must know.
                    var more = underway.Reader.WaitToReadAsync(cancel).AsTask();
                    await Task.WhenAny(more, told);
                    if (told.IsCompleted && !more.IsCompleted) await told;
                    if (await more) continue;
                    break;
                }
                using var batch = next;
                var response = new EnterOrdersResponse();
                if (!batch.Records.IsEmpty)
                {
                    response.Sequence = await Answer(batch, await told, cancel);
                    told = line.Receive(ended.Token);
                }
                response.Results.AddRange(batch.Results);
                await responses.WriteAsync(response, cancel);
            }
            await reading;
        }
        catch (Exception failure) when (failure is RpcException or InvalidOperationException && !cancel.IsCancellationRequested)
        {
            throw Translated(failure);
        }
        finally
        {
            await ended.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ((Task)told).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Read(
        IAsyncStreamReader<EnterOrdersRequest> requests, Guid participant, IOrderLine line, ChannelWriter<OrderBatch> underway, CancellationToken cancel)
    {
        try
        {
            while (await requests.MoveNext(cancel))
            {
                var orders = requests.Current.Orders;
                if (orders.Count > MostInBatch) throw Refuse.Field("orders", $"has {orders.Count} requests: a batch can have at most {MostInBatch}.");
                await instruments.Refresh(orders, cancel);
                var batch = OrderBatch.Of(orders, instruments);
                if (!batch.Records.IsEmpty) await line.Send(participant, batch.Records, cancel);
                await underway.WriteAsync(batch, cancel);
            }
            underway.Complete();
            await line.Finish();
        }
        catch (Exception failure)
        {
            underway.TryComplete(failure);
            throw;
        }
    }

    private async Task<long> Answer(OrderBatch batch, Told told, CancellationToken cancel)
    {
        if (OutcomeReader.Read(batch.Orders, batch.Results, EventRecord.In(told.Events.Span), instruments))
            await firstOutcomes.Find(batch.Orders, batch.Results, told, cancel);
        return told.Sequence;
    }

    private static Exception Translated(Exception failure) => failure switch
    {
        RpcException { StatusCode: StatusCode.InvalidArgument } => failure,
        RpcException { StatusCode: StatusCode.FailedPrecondition } =>
            Refuse.Rule(Reasons.Name(OrderRejectReason.AccountUnknown), "The futures market does not know you yet: ask an operator for the trader's role, or again in a moment."),
        RpcException refused when !Patience.IsPassing(refused) && refused.StatusCode != StatusCode.ResourceExhausted =>
            new System.Diagnostics.UnreachableException($"The engine did not take orders: {refused.Status}", refused),
        _ => new RpcException(new Status(
            StatusCode.Unavailable, "The matching engine did not answer; send what was not answered again with the same client order ids to learn what became of it.")),
    };
}
