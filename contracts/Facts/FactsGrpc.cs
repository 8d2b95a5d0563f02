using ComputeExchange.Client;
using ComputeExchange.Facts.Hearing;
using ComputeExchange.Facts.Storage;
using ComputeExchange.Facts.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Facts;

/// <summary>The door by which the other services read this one's facts and see how far it has come.</summary>
public sealed class FactsGrpc(ServiceName self, ServiceDb db, Hearers hearers, ExchangeClock clock, IEnumerable<IDueWork> dueWork) : FactsService.FactsServiceBase
{
    /// <inheritdoc />
    public override async Task<ReadFactsResponse> ReadFacts(ReadFactsRequest request, ServerCallContext context)
    {
        var atMost = request.PageSize is > 0 and <= 1000 ? request.PageSize : 500;
        var facts = await db.Facts.AsNoTracking()
            .Where(fact => fact.Number >= request.FromNumber).OrderBy(fact => fact.Number).Take(atMost)
            .ToListAsync(context.CancellationToken);
        var response = new ReadFactsResponse
        {
            LastNumber = await db.FactHead.AsNoTracking().Select(head => head.LastNumber).SingleAsync(context.CancellationToken),
        };
        response.Facts.AddRange(facts.Select(fact => new Fact
        {
            Number = fact.Number,
            Type = fact.Type,
            Body = ByteString.CopyFromUtf8(fact.Body),
            HappenedTime = fact.HappenedTime.ToTimestamp(),
            TraceParent = fact.TraceParent,
        }));
        return response;
    }

    /// <inheritdoc />
    public override async Task<GetProgressResponse> GetProgress(GetProgressRequest request, ServerCallContext context)
    {
        var cancel = context.CancellationToken;

        // One snapshot: what was applied, what it told, and what it asked for must belong together.
        await using var snapshot = await db.Database.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
        var response = new GetProgressResponse
        {
            Service = self.Name,
            LastNumber = await db.FactHead.AsNoTracking().Select(head => head.LastNumber).SingleAsync(cancel),
            PendingCount = await db.EngineCommands.CountAsync(command => command.Sequence == null, cancel),
            ClockTime = clock.GetUtcNow().ToTimestamp(),
        };
        var applied = await db.Cursors.AsNoTracking().ToDictionaryAsync(cursor => cursor.Producer, cursor => cursor.AppliedNumber, cancel);
        response.Heard.AddRange(hearers.Producers.Append(ServiceNames.Feed).Select(producer =>
            new Heard { Producer = producer, AppliedNumber = applied.GetValueOrDefault(producer) }));
        foreach (var work in dueWork) response.PendingCount += await work.CountDue(db, cancel);
        return response;
    }
}

/// <summary>Work of a service that the clock has made due.</summary>
public interface IDueWork
{
    /// <summary>How much of it is not done yet.</summary>
    Task<int> CountDue(ServiceDb db, CancellationToken cancel);
}
