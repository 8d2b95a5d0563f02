using System.Globalization;
using System.Runtime.InteropServices;
using ComputeExchange.Client;
using ComputeExchange.Hosting.Postgres;
using ComputeExchange.MatchingEngine;
using ComputeExchange.MatchingEngine.Core;
using ComputeExchange.MatchingEngine.Core.Book;
using ComputeExchange.MatchingEngine.Core.Futures;
using ComputeExchange.MatchingEngine.Running;
using ComputeExchange.MatchingEngine.Storage;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Values;
using Google.Protobuf;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ComputeExchange.Benchmarks;

/// <summary>How long an engine takes to read a long history from PostgreSQL: from the first command on, and from a snapshot.</summary>
/// <remarks>Once over, not many times: writing the history takes longer than reading it. Everything is the engine's own code, its checks of hashes and events included.</remarks>
internal static class RecoveryBench
{
    private const int Accounts = 256;
    private const int InTransaction = 8_192;

    /// <summary>Writes a history of so many order requests, in commands of so many each, and reads it.</summary>
    public static async Task Run(int requests, int each)
    {
        var folder = Directory.CreateTempSubdirectory("cx-recovery-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var postgres = await PrivatePostgres.Start(Path.Combine(folder, "postgres"), CancellationToken.None);
        try
        {
            var database = postgres.ConnectionString("postgres");
            await using (var db = new EngineDb(Hosting.Storage.OptionsFor<EngineDb>(database, ServiceNames.MatchingEngine))) await db.Database.MigrateAsync();
            await using var source = NpgsqlDataSource.Create(database);
            var store = new JournalStore(source, database);

            var began = TimeProvider.System.GetTimestamp();
            var (written, snapshot) = await Write(store, requests, each);
            Say($"{requests:#,0} requests in {written.Sequence:#,0} commands written", began, requests);

            for (var time = 1; time <= 2; time++)
            {
                GC.Collect();
                began = TimeProvider.System.GetTimestamp();
                var replica = new Replica();
                await foreach (var entry in store.Read(0, CancellationToken.None)) replica.Read(entry);
                Say("read from the first command on", began, requests);
                Same(written, replica);
            }

            await store.Save(snapshot, 3, CancellationToken.None);
            GC.Collect();
            began = TimeProvider.System.GetTimestamp();
            await foreach (var kept in store.Snapshots(CancellationToken.None))
            {
                var replica = Replica.From(kept);
                replica.Doubt();
                await foreach (var entry in store.Read(replica.Sequence - 1, CancellationToken.None)) replica.Read(entry);
                Say($"restored from a snapshot of {kept.State.Length:#,0} bytes, {written.Sequence - kept.Sequence:#,0} commands before the end", began, requests);
                Same(written, replica);
                break;
            }
        }
        finally
        {
            await postgres.Stop("immediate");
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(Replica Replica, Snapshot Snapshot)> Write(JournalStore store, int requests, int each)
    {
        await using var journal = await store.Open("benchmark", CancellationToken.None);
        while (!await journal.TryOwn()) await Task.Delay(50);
        var replica = new Replica();
        var group = new List<JournalEntry>();
        var now = DateTimeOffset.UnixEpoch.AddYears(57);
        void Decide(EngineCommand command)
        {
            now = now.AddMilliseconds(1);
            group.Add(replica.Decide(DerivedId.From("recovery", replica.Sequence + 1), command, Wire.ToCore(command), command.ToByteArray(), "", now));
        }

        Decide(new EngineCommand
        {
            DefineInstrument = new DefineInstrument
            {
                ReferenceTicks = 2_500,
                Terms = new MatchingEngine.V1.InstrumentTerms
                {
                    Name = "BENCH",
                    TickValueMicros = 1_000,
                    LotCountMax = 1_000,
                    NotionalMicrosMax = 1_000_000_000_000,
                    PositionLotCountMax = 100_000_000,
                    MarginMicrosPerLot = 1_000,
                    BandPpm = 500_000,
                    BandTickCountMin = 10,
                    VelocityPpm = 1_000_000,
                    CallSeconds = 60,
                },
            },
        });
        Decide(new EngineCommand { SetPhase = new SetPhase { Instrument = "BENCH", Phase = InstrumentPhase.Continuous } });
        for (var account = 0; account < Accounts; account++)
        {
            var participant = DerivedId.From("account", account).ToString();
            Decide(new EngineCommand { SetParticipant = new SetParticipant { ParticipantId = participant, Active = true } });
            Decide(new EngineCommand { CreditCollateral = new CreditCollateral { ParticipantId = participant, AmountMicros = 1_000_000_000_000, Reference = "bench" } });
            Decide(new EngineCommand { OpenAccount = new OpenAccount { ParticipantId = participant } });
            Decide(new EngineCommand
            {
                LimitAccount = new LimitAccount
                {
                    ParticipantId = participant,
                    Limits = new MatchingEngine.V1.AccountLimits { MayTrade = true, OrderBurst = 1_000_000, OpenOrderCountMax = 1_000_000 },
                },
            });
        }

        var random = new Random(1);
        var resting = new List<(ulong Id, uint Account)>();
        var clientOrderIds = new ulong[Accounts];
        Snapshot? snapshot = null;
        var inGroup = 0;
        for (var sent = 0; sent < requests; sent += each)
        {
            var batch = new byte[Math.Min(each, requests - sent) * OrderRequest.Size];
            foreach (ref var request in MemoryMarshal.Cast<byte, OrderRequest>(batch.AsSpan())) request = Next(random, resting, clientOrderIds);
            Decide(new EngineCommand { EnterOrders = new EnterOrders { Requests = UnsafeByteOperations.UnsafeWrap(batch) } });
            foreach (var happened in replica.Exchange.Futures.Events)
                if (happened.Kind == OrderEventKind.Accepted && (happened.Detail >> 8 & 0xff) == (uint)TimeInForce.GoodTillCancelled) resting.Add((happened.Order, happened.Account));
            inGroup += each;
            if (inGroup < InTransaction && group.Count < 512) continue;
            await journal.Append(group);
            group.Clear();
            inGroup = 0;

            // One that is as old as they get: as many commands before the end as lie between two snapshots of the engine.
            if (snapshot is null && requests - sent < 200_000) snapshot = replica.Snapshot();
        }
        if (group.Count > 0) await journal.Append(group);
        return (replica, snapshot ?? replica.Snapshot());
    }

    private static OrderRequest Next(Random random, List<(ulong Id, uint Account)> resting, ulong[] clientOrderIds)
    {
        var dice = random.Next(100);
        if (dice < 44 && resting.Count > 5_000)
        {
            var index = random.Next(resting.Count);
            var (id, owner) = resting[index];
            resting[index] = resting[^1];
            resting.RemoveAt(resting.Count - 1);
            return new OrderRequest { Kind = OrderKind.Cancel, Account = owner, Order = id };
        }
        var account = (uint)random.Next(Accounts);
        var side = (Side)random.Next(2);
        var isCrossing = dice >= 90;
        var away = isCrossing ? -random.Next(4) : 1 + random.Next(60);
        return new OrderRequest
        {
            Kind = OrderKind.Place,
            Side = side,
            Type = OrderType.Limit,
            TimeInForce = isCrossing ? TimeInForce.ImmediateOrCancel : TimeInForce.GoodTillCancelled,
            SelfTrade = SelfTrade.CancelOldest,
            Account = account,
            Quantity = 1 + (uint)random.Next(10),
            Price = side == Side.Buy ? 2_500 - away : 2_500 + away,
            ClientOrderId = ++clientOrderIds[account],
        };
    }

    private static void Same(Replica written, Replica read)
    {
        if (read.Sequence != written.Sequence || read.Exchange.StateHash() != written.Exchange.StateHash())
            throw new InvalidOperationException("What was read is not what was written.");
    }

    private static void Say(string what, long began, int requests)
    {
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {seconds:0.00} s, {requests / seconds:#,0} requests a second"));
    }
}
