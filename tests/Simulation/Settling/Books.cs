using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Simulation.Databases;
using ComputeExchange.Simulation.Time;
using ComputeExchange.Values;
using Google.Protobuf;

namespace ComputeExchange.Simulation.Settling;

/// <summary>What Settlement does to its tables, each in one transaction of the database that it shares with the engine.</summary>
internal sealed class Books(Database database, Process process, LedgerGuards guards)
{
    private readonly Stack<Connection> _idle = new();

    /// <summary>The next number of the feed that is not applied.</summary>
    public Task<long> Next() => InTransaction(session => Task.FromResult((session.Tables.Find(SettlementTables.Cursor, 0) as CursorRow)?.Next ?? 1));

    /// <summary>What the engine is asked and has not answered yet.</summary>
    public Task<List<AskRow>> OpenAsks() => InTransaction(session => Task.FromResult(session.Tables.All(SettlementTables.OpenAsks).Cast<AskRow>().ToList()));

    /// <summary>The engine has answered.</summary>
    public Task Answered(Guid commandId) => InTransaction(async session =>
    {
        await session.Lock(SettlementTables.OpenAsks, commandId);
        session.Put(SettlementTables.OpenAsks, commandId, null);
        return true;
    });

    /// <summary>Books money that came in, once for its id, and has the engine make it tradable.</summary>
    public Task Deposit(Guid id, Guid participant, Money amount)
    {
        var booked = InTransaction(async session =>
        {
            var outcomes = await Ledger.Take(session, Postings.Deposited(id, participant, amount, process.Clock.GetUtcNow()), guards);
            if (outcomes is [TransferOutcome.Posted { Known: false }]) await Have(session, Asks.CreditDeposit(id, participant, amount));
            else if (guards.CommitsRepeats) await Ledger.Touch(session);
            return true;
        });
        return guards.AcknowledgesAfterCommit ? booked : Task.CompletedTask;
    }

    /// <summary>Asks for money to go out, once for its id.</summary>
    public Task Withdraw(Guid id, Guid participant, Money amount) => InTransaction(async session =>
    {
        var ask = Asks.Debit(id, participant, amount);
        if (await session.Lock(SettlementTables.Withdrawals, ask.CommandId) is null)
        {
            session.Put(SettlementTables.Withdrawals, ask.CommandId, new WithdrawalRow(id, participant, amount.Micros));
            await Have(session, ask);
        }
        else if (guards.CommitsRepeats) await Ledger.Touch(session);
        return true;
    });

    /// <summary>What the bank has not said anything of.</summary>
    public Task<List<WithdrawalRow>> Payments() => InTransaction(session => Task.FromResult(session.Tables.All(SettlementTables.Payments).Cast<WithdrawalRow>().ToList()));

    /// <summary>The bank says what became of a payment, once or again: it was paid, or it could not be and is to be tradable again.</summary>
    public Task End(WithdrawalRow payment) => InTransaction(async session =>
    {
        if (await session.Lock(SettlementTables.Payments, payment.Id) is null) return false;
        var isPaid = payment.Micros % 4 != 0;
        var at = process.Clock.GetUtcNow();
        await Ledger.Take(session, [isPaid ? payment.Money.Paid(at) : payment.Money.Failed(at)], guards);
        if (!isPaid) await Have(session, Asks.CreditWithdrawal(payment.Id, payment.Participant, new Money(payment.Micros), "failed"));
        session.Put(SettlementTables.Payments, payment.Id, null);
        return true;
    });

    /// <summary>Applies entries of the feed that follow on what is applied: what they move, and how far that is.</summary>
    public async Task Apply(IReadOnlyList<FeedEntry> entries)
    {
        if (guards.Cursor == CursorIs.BeforeThePostings) await InTransaction(session => Move(session, entries));
        await InTransaction(async session =>
        {
            if (guards.Cursor == CursorIs.WithThePostings && !await Move(session, entries)) return false;
            var moved = new List<Transfer>();
            foreach (var entry in entries) await Apply(session, entry, moved);
            await Ledger.Take(session, moved, guards);
            return true;
        });
        if (guards.Cursor == CursorIs.AfterThePostings) await InTransaction(session => Move(session, entries));
    }

    private static async Task<bool> Move(Session session, IReadOnlyList<FeedEntry> entries)
    {
        var next = (await session.Lock(SettlementTables.Cursor, 0) as CursorRow)?.Next ?? 1;
        if (next != entries[0].Number) return false;
        session.Put(SettlementTables.Cursor, 0, new CursorRow(entries[^1].Number + 1));
        return true;
    }

    private static async Task Apply(Session session, FeedEntry entry, List<Transfer> moved)
    {
        var (happened, at) = (entry.Event, entry.HappenedTime.ToDateTimeOffset());
        switch (happened.EventCase)
        {
            case EngineEvent.EventOneofCase.CollateralCredited when await session.Lock(SettlementTables.Asks, Id(happened.CollateralCredited)) is null:
                // Somebody else's: it came from the bank and went straight to the engine.
                moved.AddRange(Postings.Deposited(Id(happened.CollateralCredited), Owner(happened.CollateralCredited), new Money(happened.CollateralCredited.AmountMicros), at));
                moved.AddRange(Postings.Of(entry));
                break;
            case EngineEvent.EventOneofCase.CollateralDebited:
                moved.AddRange(Postings.Of(entry));
                moved.Add(await Outgoing(session, happened.CollateralDebited, at));
                break;
            case EngineEvent.EventOneofCase.LeaseSold:
                moved.AddRange(Postings.Of(entry));
                session.Put(SettlementTables.Leases, happened.LeaseSold.LeaseId, happened.LeaseSold);
                break;
            case EngineEvent.EventOneofCase.BondSettled:
                await Meter(session, entry, moved);
                break;
            default:
                moved.AddRange(Postings.Of(entry));
                break;
        }
    }

    /// <summary>A slot is over: its escrow is shared out, and what the provider lost of its bond is the buyer's.</summary>
    private static async Task Meter(Session session, FeedEntry entry, List<Transfer> moved)
    {
        var (bond, at) = (entry.Event.BondSettled, entry.HappenedTime.ToDateTimeOffset());
        var lease = (LeaseSold)(await session.Lock(SettlementTables.Leases, bond.LeaseId))!;
        var (slot, buyer) = (lease.Slots[bond.SlotIndex], Guid.Parse(lease.BuyerId));
        var sold = new SoldSlot(
            new Price(slot.PriceMicrosPerGpuHour), new Money(slot.CostMicros), new Money(slot.BuyerFeeMicros), new Money(slot.SellerFeeMicros), new Money(slot.BondMicros));
        var seconds = lease.GpuCount * (slot.ToTime.Seconds - slot.FromTime.Seconds);
        var settlement = SlotSettlement.Of(sold, seconds, Delivered(bond, seconds), sold.Price);
        moved.AddRange(Postings.Metered(bond.LeaseId, bond.SlotIndex, buyer, Guid.Parse(lease.ProviderId), settlement, at));
        if (settlement.Refund > Money.Zero) await Have(session, Asks.CreditRefund(bond.LeaseId, bond.SlotIndex, buyer, settlement.Refund));
        if (bond.TakenMicros == 0) return;
        moved.AddRange(Postings.Compensated(entry, buyer));
        await Have(session, Asks.CreditCompensation(bond.LeaseId, bond.SlotIndex, buyer, new Money(bond.TakenMicros)));
    }

    /// <summary>Some slots are delivered whole, some in part: the same each time that one is asked for.</summary>
    private static long Delivered(BondSettled bond, long seconds)
    {
        var chance = DerivedId.From("meter", bond.LeaseId, bond.SlotIndex).GetHashCode() & int.MaxValue;
        return chance % 3 == 0 ? seconds : chance % (seconds + 1);
    }

    /// <summary>What was asked for is set aside until the bank says what became of it; what somebody else took out has left.</summary>
    private static async Task<Transfer> Outgoing(Session session, CollateralMoved debited, DateTimeOffset at)
    {
        if (await session.Lock(SettlementTables.Withdrawals, Id(debited)) is not WithdrawalRow withdrawal)
            return new Transfer(
                Account.Transit(Owner(debited)), Account.Bank, new Money(debited.AmountMicros), TransferKinds.Withdrawal, $"withdrawal {Id(debited)}", at);
        if (await session.Lock(SettlementTables.Payments, withdrawal.Id) is null) session.Put(SettlementTables.Payments, withdrawal.Id, withdrawal);
        return withdrawal.Money.SetAside(at);
    }

    private static async Task Have(Session session, Ask ask)
    {
        if (await session.Lock(SettlementTables.Asks, ask.CommandId) is not null) return;
        var row = new AskRow(ask.CommandId, ask.Command.ToByteArray());
        session.Put(SettlementTables.Asks, ask.CommandId, row);
        session.Put(SettlementTables.OpenAsks, ask.CommandId, row);
    }

    private static Guid Id(CollateralMoved moved) => Guid.Parse(moved.CommandId);

    private static Guid Owner(CollateralMoved moved) => Guid.Parse(moved.ParticipantId);

    private async Task<T> InTransaction<T>(Func<Session, Task<T>> work)
    {
        var connection = _idle.TryPop(out var idle) && !idle.IsBroken ? idle : await database.Connect(process);
        var isGood = false;
        try
        {
            var result = await connection.Do(work);
            await connection.Do(session => session.Commit());
            if (connection.SyncWaitCancelled) throw new DatabaseException("a commit may not have reached the standby");
            isGood = true;
            return result;
        }
        finally
        {
            if (isGood) _idle.Push(connection);
            else await connection.DisposeAsync();
        }
    }
}
