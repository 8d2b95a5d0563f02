using ComputeExchange.Facts.Hearing;
using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry.Domain;
using ComputeExchange.ProviderRegistry.Nodes;
using ComputeExchange.ProviderRegistry.Storage;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>Serves the streams of nodes: greets them, answers their heartbeats, and passes on what they tell.</summary>
internal sealed class NodeStreams(
    Pulses pulses, Greetings greetings, Records records, Logs logs, GpuWatch gpus, NodesChanged changed,
    IServiceScopeFactory scopes, AgentTimes times, TimeProvider clock)
{
    private const int LogPartMax = 1024 * 1024;

    /// <summary>Serves a node's stream to its end.</summary>
    public async Task Serve(
        Guid nodeId, IAsyncStreamReader<ConnectRequest> messages, IServerStreamWriter<ConnectResponse> answers, CancellationToken cancel)
    {
        using var link = new NodeLink(nodeId, answers, cancel);
        try
        {
            if (!await messages.MoveNext(link.Token)) return;
            var hello = messages.Current.Hello ?? throw Refuse.Field("hello", "is missing: it is the first message of a stream.");
            Check(hello);
            var pulse = pulses.Open(link);
            await Welcome(link, hello);
            while (!link.Dismissed && await messages.MoveNext(link.Token)) await Take(link, pulse, messages.Current);

            // What is left to be said is that it was dismissed.
            if (link.Dismissed) await Task.Delay(times.LostAfter, link.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            if (!link.Dismissed) throw new RpcException(new Status(StatusCode.Unavailable, "The exchange ended the stream: open it again."));
        }
        catch (IOException)
        {
            // The line went dead in the middle of a message; nobody is there any more to be told.
            throw new RpcException(new Status(StatusCode.Cancelled, "The node went away."));
        }
        finally
        {
            pulses.Close(link);
        }
    }

    private static void Check(AgentHello hello)
    {
        var wrong = hello.Inventory.Wrong("hello.inventory");
        if (hello.AgentVersion.Length > NodeRules.TextLengthMax) wrong.Add(("hello.agent_version", $"has {hello.AgentVersion.Length} characters; it can have {NodeRules.TextLengthMax}."));
        if (hello.BootId.Length is 0 or > NodeRules.TextLengthMax) wrong.Add(("hello.boot_id", "is missing or too long: give a new UUID for each start of the host."));
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
    }

    private async Task Welcome(NodeLink link, AgentHello hello)
    {
        var greeting = new Greeting(link, hello);
        await greetings.Greet(greeting).WaitAsync(link.Token);
        if (greeting.Desired is not { } desired) return;
        var now = clock.GetUtcNow();
        link.ToldTime = now;
        await link.Send(new ConnectResponse
        {
            Welcome = new RegistryWelcome
            {
                NodeId = link.NodeId.ToString(),
                HeartbeatSeconds = (int)times.Heartbeat.TotalSeconds,
                MeterSeconds = (int)times.Meter.TotalSeconds,
                LastRecordNumber = greeting.LastRecordNumber,
                ClockTime = now.ToTimestamp(),
                ClockSimulated = clock is ExchangeClock { Simulated: true },
            },
        });
        link.SentRevision = desired.Revision;
        await link.Send(new ConnectResponse { Desired = desired });
        link.Ready = true;
    }

    private Task Take(NodeLink link, Pulse pulse, ConnectRequest message)
    {
        var now = clock.GetUtcNow();
        pulse.Heard(times.Real.GetTimestamp(), now, message.MessageCase == ConnectRequest.MessageOneofCase.Heartbeat ? message.Heartbeat.Gpus : null);
        switch (message.MessageCase)
        {
            case ConnectRequest.MessageOneofCase.Heartbeat:
                if (link.News(message.Heartbeat.Gpus) is { } news) gpus.Take(link, news);
                link.ToldTime = now;
                return link.Send(new ConnectResponse { Heartbeat = new HeartbeatAnswer { Sequence = message.Heartbeat.Sequence, ClockTime = now.ToTimestamp() } });
            case ConnectRequest.MessageOneofCase.Record:
                return Keep(link, message.Record);
            case ConnectRequest.MessageOneofCase.Log:
                if (message.Log.Text.Length > LogPartMax) throw Refuse.Field("log.text", $"has {message.Log.Text.Length} bytes; a part can have {LogPartMax}.");
                if (message.Log.Offset < 0) throw Refuse.Field("log.offset", $"is {message.Log.Offset}; it cannot be less than 0.");
                logs.Take(link, message.Log);
                return Task.CompletedTask;
            case ConnectRequest.MessageOneofCase.Inventory:
                return Inventory(link, message.Inventory);
            case ConnectRequest.MessageOneofCase.Hello:
                throw Refuse.Field("hello", "is only the first message of a stream.");
            default:
                // A newer agent may say what is not known here yet.
                return Task.CompletedTask;
        }
    }

    private async Task Keep(NodeLink link, AgentRecord record)
    {
        if (!await records.IsSigned(link.NodeId, record, link.Token))
            throw Refuse.Field("record.signature", $"of record {record.Number} is not by the node's key.");
        records.Take(link, record);
    }

    private async Task Inventory(NodeLink link, NodeInventory inventory)
    {
        var wrong = inventory.Wrong("inventory");
        if (wrong.Count > 0) throw Refuse.Fields(wrong);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ProviderRegistryDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(link.Token);
        if (await db.LockAgent(link.NodeId, link.Token) is not { } agent) return;
        var rows = await db.Gpus.Where(gpu => gpu.NodeId == link.NodeId).ToListAsync(link.Token);
        if (!await db.TakeInventoryOf(agent, rows, inventory, clock.GetUtcNow(), link.Token)) return;
        await db.SaveChangesAsync(link.Token);
        await transaction.CommitAsync(link.Token);
        link.Know(rows.Where(gpu => gpu.Present).Select(gpu => (gpu.GpuIndex, new GpuNow(gpu.Uuid, gpu.Healthy, gpu.Trouble, gpu.OwnerSince is not null))));
        changed.Mark(link.NodeId, gpus: true);
    }
}
