using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.OrderBook.Storage;
using ComputeExchange.OrderBook.V1;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeExchange.OrderBook.Futures.Feed;

/// <summary>The futures market's part of the picture. Orders come by the hundred thousand: they are written in bulk when the batch is saved, in its transaction.</summary>
internal sealed class KeepFutures(OrderBookDb db)
{
    private readonly List<(ReadOnlyMemory<byte> Events, DateTimeOffset At)> _waiting = [];
    private long _sequence;

    /// <summary>Notes what happened in the market, to be written when the batch is saved.</summary>
    public Task Orders(OrdersHandled handled, long sequence, DateTimeOffset at)
    {
        if (_waiting.Count == 0) db.BeforeSave = Write;
        _waiting.Add((handled.Events.Memory, at));
        _sequence = sequence;
        return Task.CompletedTask;
    }

    /// <summary>An instrument is now so.</summary>
    public async Task Instrument(InstrumentDefined defined, CancellationToken cancel)
    {
        var terms = JsonFormatter.Default.Format(defined.Terms);
        if (await db.Instruments.FindAsync([defined.InstrumentIndex], cancel) is not { } row)
        {
            db.Instruments.Add(new InstrumentRow
            {
                InstrumentIndex = defined.InstrumentIndex,
                Name = defined.Terms.Name,
                TickValueMicros = defined.Terms.TickValueMicros,
                Terms = terms,
                ReferenceTicks = defined.ReferenceTicks,
                Phase = InstrumentPhase.Closed,
            });
            return;
        }
        (row.Terms, row.TickValueMicros, row.ReferenceTicks) = (terms, defined.Terms.TickValueMicros, defined.ReferenceTicks);
    }

    /// <summary>A participant has an account; told again where it was asked for again.</summary>
    public async Task Account(AccountOpened opened, CancellationToken cancel)
    {
        if (await db.Accounts.FindAsync([opened.AccountIndex], cancel) is null)
            db.Accounts.Add(new FuturesAccountRow { AccountIndex = opened.AccountIndex, ParticipantId = Guid.Parse(opened.ParticipantId) });
    }

    private async Task Write(CancellationToken cancel)
    {
        await db.Instruments.LoadAsync(cancel);
        var instruments = db.Instruments.Local.ToDictionary(row => row.InstrumentIndex);
        var (orders, positions) = Needed();
        var batch = new FuturesBatch(
            await db.Orders.AsNoTracking().Where(row => orders.Contains(row.OrderId)).ToDictionaryAsync(row => row.OrderId, cancel),
            await db.Positions.AsNoTracking()
                .Where(row => positions.Accounts.Contains(row.AccountIndex) && positions.Instruments.Contains(row.InstrumentIndex))
                .ToDictionaryAsync(row => (row.AccountIndex, row.InstrumentIndex), cancel),
            instruments);
        foreach (var (events, at) in _waiting) batch.Apply(EventRecord.In(events.Span), at);
        _waiting.Clear();

        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        batch.Changed.ExceptWith(batch.Placed);
        await BulkRows.Insert(connection, batch.Placed, cancel);
        await BulkRows.Update(connection, batch.Changed, cancel);
        await BulkRows.Insert(connection, batch.Traded, cancel);
        await BulkRows.Bust(connection, batch.Busted, cancel);
        await BulkRows.Insert(connection, batch.Outcomes, cancel);
        await BulkRows.Upsert(connection, batch.Positions, cancel);
        if (await db.OrdersRead.FindAsync([OrdersReadRow.OnlyId], cancel) is { } read) read.Sequence = _sequence;
        else db.OrdersRead.Add(new OrdersReadRow { Sequence = _sequence });
    }

    /// <summary>What the batch is about and was there before it.</summary>
    private (long[] Orders, (int[] Accounts, int[] Instruments) Positions) Needed()
    {
        var orders = new HashSet<long>();
        var placed = new HashSet<long>();
        var accounts = new HashSet<int>();
        var instruments = new HashSet<int>();
        foreach (var (events, _) in _waiting)
        foreach (ref readonly var happened in EventRecord.In(events.Span))
        {
            if (happened.Kind == EventKind.Accepted) placed.Add((long)happened.Order);
            if (OrderLife.IsChange(happened.Kind)) orders.Add((long)happened.Order);
            if (happened.Kind == EventKind.Traded) orders.Add((long)happened.Other);
            if (happened.Kind is not (EventKind.Traded or EventKind.Busted)) continue;
            accounts.Add((int)happened.Account);
            accounts.Add((int)happened.Detail);
            instruments.Add(happened.Instrument);
        }
        orders.ExceptWith(placed);
        return ([.. orders], ([.. accounts], [.. instruments]));
    }
}
