using ComputeExchange.MatchingEngine;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Simulation.Networking;
using ComputeExchange.Simulation.Time;
using Google.Protobuf;

namespace ComputeExchange.Simulation.Engines;

/// <summary>Why a door did not take a command.</summary>
internal enum Refusal
{
    /// <summary>No engine serves there now: what became of the command, nobody knows.</summary>
    Unavailable,

    /// <summary>The id is another command's.</summary>
    Reused,
}

/// <summary>What comes back through a door: an answer, or why there is none.</summary>
internal sealed record Reply(byte[] Response, Refusal? Refusal);

/// <summary>The engine's door, as the one for gRPC answers: bytes in, bytes out.</summary>
internal sealed class Door(Process process, Engine engine, Feed feed)
{
    /// <summary>The process behind it.</summary>
    public Process Process => process;

    /// <summary>Whether the engine says that it owns the shard.</summary>
    public bool IsServing => engine.IsServing && !process.IsDead;

    /// <summary>Takes a command.</summary>
    public async Task<Reply> Submit(byte[] request)
    {
        var wanted = SubmitRequest.Parser.ParseFrom(request);
        try
        {
            var answer = await engine.Submit(Guid.Parse(wanted.CommandId), wanted.Command, CancellationToken.None);
            return new Reply(answer.ToByteArray(), null);
        }
        catch (EngineUnavailableException)
        {
            return new Reply([], Refusal.Unavailable);
        }
        catch (CommandIdReusedException)
        {
            return new Reply([], Refusal.Reused);
        }
    }

    /// <summary>Takes order requests; what became of them comes back as the events of an answer.</summary>
    public async Task<Reply> Enter(Guid participant, byte[] requests)
    {
        try
        {
            var outcome = await engine.EnterOrders(participant, requests, CancellationToken.None);
            var answer = new SubmitResponse { Sequence = outcome.Sequence };
            answer.Events.Add(new EngineEvent { OrdersHandled = new OrdersHandled { Events = ByteString.CopyFrom(outcome.Events.Span) } });
            return new Reply(answer.ToByteArray(), null);
        }
        catch (Exception failure) when (failure is EngineUnavailableException or MalformedCommandException)
        {
            // Somebody whom the engine does not know yet will be known later.
            return new Reply([], Refusal.Unavailable);
        }
    }

    /// <summary>Says how far the engine is and what state it holds, also as a standby; null when it is neither.</summary>
    public async Task<EngineStanding?> Audit()
    {
        try
        {
            return await engine.AskStanding(CancellationToken.None);
        }
        catch (EngineUnavailableException)
        {
            return null;
        }
    }

    /// <summary>Sends the feed from a number on down a pipe, a page at a time, each when the one before has arrived.</summary>
    public async Task SendFeed(long from, Pipe pipe, Action<byte[]> arrive)
    {
        using var gone = new CancellationTokenSource();
        pipe.FarLost = gone.Cancel;
        if (engine.IsServing)
        {
            try
            {
                await foreach (var page in feed.From(from, gone.Token))
                {
                    if (!engine.IsServing) break;
                    var response = new ReadFeedResponse { LastNumber = feed.LastNumber };
                    response.Entries.AddRange(page);
                    var bytes = response.ToByteArray();
                    var taken = new TaskCompletionSource();
                    using var over = gone.Token.Register(() => taken.TrySetResult());
                    pipe.SendBack(() =>
                    {
                        arrive(bytes);
                        pipe.Send(() => taken.TrySetResult());
                    });
                    await taken.Task;
                }
            }
            catch (Exception failure) when (failure is OperationCanceledException or Databases.DatabaseException)
            {
            }
        }
        pipe.FarLost = null;
        pipe.Cut();
    }
}
