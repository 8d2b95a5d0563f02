using System.Threading.Channels;
using ComputeExchange.Hosting;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.V1;
using Google.Protobuf;
using Grpc.Core;

namespace ComputeExchange.MatchingEngine.Doors;

/// <summary>One participant's order stream: batches go in while earlier ones are still out; the answers come in their order.</summary>
internal sealed class OrderStream(Engine engine, Connections connections)
{
    private const int MostUnderway = 256;

    /// <summary>Answers until the caller has no more.</summary>
    /// <exception cref="RpcException">UNAVAILABLE: of the batches without an answer nobody knows what became.</exception>
    public async Task Run(
        Guid participant, IAsyncStreamReader<EnterOrdersRequest> requests, IServerStreamWriter<EnterOrdersResponse> responses, CancellationToken cancel)
    {
        using var connection = Connect(participant);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel, connection.Lost);
        var underway = Channel.CreateBounded<Task<OrdersOutcome>>(new BoundedChannelOptions(MostUnderway) { SingleReader = true, SingleWriter = true });
        var reading = Read(participant, connection, requests, underway.Writer, ended.Token);
        try
        {
            await foreach (var outcome in underway.Reader.ReadAllAsync(cancel))
            {
                var (sequence, events) = await outcome;
                await responses.WriteAsync(new EnterOrdersResponse { Sequence = sequence, Events = UnsafeByteOperations.UnsafeWrap(events) }, cancel);
            }
            await reading;
        }
        catch (EngineUnavailableException unavailable)
        {
            throw Away(unavailable);
        }
        catch (OperationCanceledException) when (connection.Lost.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw Away(Connections.NotServing());
        }
        catch (MalformedCommandException malformed)
        {
            throw Refuse.Rule("ORDERS_REFUSED", malformed.Message);
        }
        finally
        {
            await ended.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (underway.Reader.TryRead(out var left)) _ = left.Exception;
        }
    }

    private Connections.Connection Connect(Guid participant)
    {
        try
        {
            return connections.Open(participant);
        }
        catch (EngineUnavailableException unavailable)
        {
            throw Away(unavailable);
        }
    }

    private static RpcException Away(EngineUnavailableException unavailable) => new(new Status(StatusCode.Unavailable, unavailable.Message));

    private async Task Read(
        Guid participant, Connections.Connection connection, IAsyncStreamReader<EnterOrdersRequest> requests, ChannelWriter<Task<OrdersOutcome>> underway,
        CancellationToken cancel)
    {
        try
        {
            var owner = participant.ToString();
            while (await requests.MoveNext(cancel))
            {
                var batch = requests.Current;
                if (batch.ParticipantId != owner) throw Refuse.Denied("The orders are not the caller's own.");
                connection.Note(batch.Requests.Span);
                await underway.WriteAsync(engine.EnterOrders(participant, batch.Requests.Memory, cancel), cancel);
            }
            underway.Complete();
        }
        catch (Exception failure)
        {
            underway.Complete(failure);
            throw;
        }
    }
}
