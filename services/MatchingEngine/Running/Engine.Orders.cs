using System.Runtime.InteropServices;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Values;
using Google.Protobuf;

namespace ComputeExchange.MatchingEngine.Running;

/// <summary>What became of a batch of order requests.</summary>
/// <param name="Sequence">The command that it is journaled in, with whatever else had arrived.</param>
/// <param name="Events">The <see cref="OrderEvent"/>s of these requests, in their order.</param>
internal sealed record OrdersOutcome(long Sequence, ReadOnlyMemory<byte> Events);

/// <summary>Orders of the futures market: what has arrived while the last group was written becomes one command, whoever it is from.</summary>
internal sealed partial class Engine
{
    /// <summary>The most order requests in a group, so that nobody waits for long behind others.</summary>
    private const int MostRequests = 8_192;

    /// <summary>Has order requests handled, journaled and committed. A place or a replace is never done twice: its client order id counts up.</summary>
    /// <param name="participant">Whose; its account is opened when it has none. The requests' own account field is not looked at.</param>
    /// <param name="requests"><see cref="OrderRequest"/>s one after another; 1 to 8,192 of them.</param>
    /// <exception cref="EngineUnavailableException">Nobody knows what became of them: send them again with the same client order ids.</exception>
    /// <exception cref="MalformedCommandException">They are no such requests, or of nobody that the engine knows.</exception>
    public async Task<OrdersOutcome> EnterOrders(Guid participant, ReadOnlyMemory<byte> requests, CancellationToken cancel)
    {
        if (requests.Length == 0 || requests.Length % OrderRequest.Size != 0 || requests.Length / OrderRequest.Size > MostRequests)
            throw new MalformedCommandException("requests", $"are {requests.Length} bytes; it must be 1 to {MostRequests} requests of {OrderRequest.Size} bytes each.");
        var work = new Work.Orders(participant, requests);
        try
        {
            await Enqueue(work, cancel);
            return await work.Answer.Task.WaitAsync(cancel);
        }
        catch (EngineUnavailableException)
        {
            Measures.OutcomeUnknown();
            throw;
        }
    }

    /// <summary>Decides the order requests that stand in a row in a group as one command; says where the row ends.</summary>
    private int DecideOrders(List<Work> group, int first, DateTimeOffset now, List<JournalEntry> entries, List<(Work.Orders Work, OrdersOutcome Outcome)> outcomes)
    {
        var end = first;
        var batch = new List<Work.Orders>();
        while (end < group.Count && group[end] is Work.Orders work)
        {
            if (AccountOf(work.Participant, now, entries) >= 0) batch.Add(work);
            else work.Fail(new MalformedCommandException("participant_id", "is nobody that the engine knows."));
            end++;
        }
        if (batch.Count == 0) return end;

        var requests = new byte[batch.Sum(work => work.Requests.Length)];
        var written = 0;
        foreach (var work in batch)
        {
            work.Requests.Span.CopyTo(requests.AsSpan(written));
            var account = (uint)_replica.Exchange.AccountOf(work.Participant);
            foreach (ref var request in MemoryMarshal.Cast<byte, OrderRequest>(requests.AsSpan(written, work.Requests.Length))) request.Account = account;
            written += work.Requests.Length;
        }
        var entry = OrFault(batch, () => Decide("orders", new EngineCommand { EnterOrders = new EnterOrders { Requests = UnsafeByteOperations.UnsafeWrap(requests) } }, now));
        entries.Add(entry);

        // The events of the requests stand together, in their order, after what was due before them.
        var events = entry.Events[0].Event.OrdersHandled.Events.Memory;
        var ends = _replica.Exchange.RequestEnds;
        var (request0, begin) = (0, _replica.Exchange.RequestStart);
        foreach (var work in batch)
        {
            request0 += work.Count;
            var stop = ends[request0 - 1];
            outcomes.Add((work, new OrdersOutcome(entry.Sequence, events[(begin * OrderEvent.Size)..(stop * OrderEvent.Size)])));
            begin = stop;
        }
        return end;
    }

    private int AccountOf(Guid participant, DateTimeOffset now, List<JournalEntry> entries)
    {
        if (_replica.Exchange.AccountOf(participant) is var account and >= 0) return account;
        if (_replica.Exchange.HoldingOf(participant) is null) return -1;
        entries.Add(Decide("account", new EngineCommand { OpenAccount = new OpenAccount { ParticipantId = participant.ToString() } }, now));
        return _replica.Exchange.AccountOf(participant);
    }

    /// <summary>A command of the engine's own: its id follows from its place in the history.</summary>
    private JournalEntry Decide(string what, EngineCommand command, DateTimeOffset now) => _replica.Decide(
        DerivedId.From(what, Epoch, _replica.Sequence + 1), command, Wire.ToCore(command), command.ToByteArray(), "", now);

    private Work.Apply TimePasses()
    {
        var command = new EngineCommand { PassTime = new PassTime() };
        return new Work.Apply(DerivedId.From("timer", Epoch, _replica.Sequence + 1), command, Wire.ToCore(command), "");
    }

    /// <summary>How long it is until something in the futures market is due by itself; never in simulated time, which is moved by command.</summary>
    private TimeSpan UntilTimer()
    {
        var due = _replica.Exchange.Futures.NextTimer;
        if (clock.Simulated || due == long.MaxValue) return TimeSpan.MaxValue;
        return DateTimeOffset.FromUnixTimeMilliseconds(due) - time.GetUtcNow();
    }

    private static TimeSpan Sooner(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
