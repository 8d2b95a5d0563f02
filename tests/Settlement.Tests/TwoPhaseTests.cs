using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Testing;
using ComputeExchange.Values;
using ComputeExchange.Values.Ledger;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>Money that is set aside first, transfers that happen together or not at all, limits, and the chain.</summary>
public sealed class TwoPhaseTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly Guid Ann = Guid.Parse("00000000-0000-7000-8000-00000000000a");
    private static readonly Guid Ben = Guid.Parse("00000000-0000-7000-8000-00000000000b");

    private Books _books = null!;
    private int _causes;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _books = await Books.Open(server);

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task What_is_set_aside_cannot_be_spent_and_moves_when_it_is_posted()
    {
        var payment = Pending(Move(Ann, Ben, 60));
        Reasons(await Take(In(Ann, 100), payment, Move(Ann, Ben, 41))).ShouldBe("posted 1, posted 2, BelowFloor");
        (await State(Account.Transit(Ann))).ShouldBe((100, 60, 0));
        (await State(Account.Transit(Ben))).ShouldBe((0, 0, 60));

        Reasons(await Take(Move(Ann, Ben, 40), payment.Posted("paid", Books.Start))).ShouldBe("posted 3, posted 4");
        (await State(Account.Transit(Ann))).ShouldBe((0, 0, 0));
        (await State(Account.Transit(Ben))).ShouldBe((100, 0, 0));
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_part_may_be_posted_and_the_rest_is_free_again()
    {
        var payment = Pending(Move(Ann, Ben, 60));
        await Take(In(Ann, 100), payment, payment.Posted("paid in part", Books.Start, new Money(25)));
        (await State(Account.Transit(Ann))).ShouldBe((75, 0, 0));
        (await State(Account.Transit(Ben))).ShouldBe((25, 0, 0));
    }

    [Fact]
    public async Task What_is_voided_never_moves()
    {
        var payment = Pending(Move(Ann, Ben, 60));
        await Take(In(Ann, 100), payment, payment.Voided("failed", Books.Start));
        (await State(Account.Transit(Ann))).ShouldBe((100, 0, 0));
        (await State(Account.Transit(Ben))).ShouldBe((0, 0, 0));
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task What_was_set_aside_ends_once()
    {
        var payment = Pending(Move(Ann, Ben, 60));
        await Take(In(Ann, 100), payment);
        Reasons(await Take(payment.Posted("paid", Books.Start), payment.Voided("failed", Books.Start))).ShouldBe("posted 3, PendingEnded");
        Reasons(await Take(payment.Voided("failed", Books.Start), payment.Posted("paid", Books.Start))).ShouldBe("PendingEnded, known 3");
        (await State(Account.Transit(Ben))).ShouldBe((60, 0, 0));
    }

    [Fact]
    public async Task Only_what_is_pending_can_be_posted_and_not_for_more_nor_to_others()
    {
        var payment = Pending(Move(Ann, Ben, 60));
        var unknown = Pending(Move(Ann, Ben, 1));
        await Take(In(Ann, 100), payment);
        var done = In(Ann, 1);
        Reasons(await Take(
            done, done.Posted("twice", Books.Start), unknown.Posted("never", Books.Start), payment.Posted("more", Books.Start, new Money(61)),
            payment.Posted("elsewhere", Books.Start) with { Credit = Account.Fees }))
            .ShouldBe("posted 3, PendingNotFound, PendingNotFound, PendingDiffers, PendingDiffers");
    }

    [Fact]
    public async Task What_is_set_aside_is_freed_when_its_time_is_over()
    {
        var payment = Pending(Move(Ann, Ben, 60)) with { Expires = Books.Start.AddHours(1) };
        await Take(In(Ann, 100), payment);
        var expiry = payment.Voided("expired", Books.Start.AddHours(1)) with { Phase = TransferPhase.Expire };
        (await Should.ThrowAsync<PostgresException>(() => Take(expiry))).ConstraintName.ShouldBe("transfers_pending_fits");

        _books.Clock.Now = Books.Start.AddHours(1);
        Reasons(await Take(payment.Posted("too late", Books.Start), expiry, Move(Ann, Ben, 100))).ShouldBe("PendingExpired, posted 3, posted 4");
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task Linked_transfers_happen_all_or_none()
    {
        var outcomes = await TakeGroups([[In(Ann, 100)], [Move(Ann, Ben, 30), Move(Ben, Ann, 31), In(Ben, 5)], [Move(Ann, Ben, 100)]]);
        Reasons(outcomes).ShouldBe("posted 1, LinkRefused, BelowFloor, LinkRefused, posted 2");
        (await State(Account.Transit(Ben))).ShouldBe((100, 0, 0));
    }

    [Fact]
    public async Task A_repeat_has_the_first_outcome_and_another_content_is_a_conflict()
    {
        var deposit = In(Ann, 100);
        var payment = Pending(Move(Ann, Ben, 60));
        await Take(deposit, payment);
        Reasons(await Take(deposit, payment, deposit with { Amount = new Money(99) }, payment with { Phase = TransferPhase.Direct }))
            .ShouldBe("known 1, known 2, CauseReused, CauseReused");
        (await State(Account.Transit(Ann))).ShouldBe((100, 60, 0));
    }

    [Fact]
    public async Task An_account_with_a_ceiling_holds_no_more_not_even_what_is_to_come()
    {
        var owed = Account.Receivable(Ann);
        var paid = new Transfer(owed, Account.Bank, new Money(50), "test", "owes", Books.Start);
        var back = new Transfer(Account.Bank, owed, new Money(50), "test", "back", Books.Start);
        Reasons(await Take(paid, Pending(back with { Amount = new Money(20), Cause = "later" }), back, back with { Amount = new Money(30) }))
            .ShouldBe("posted 1, posted 2, AboveCeiling, posted 3");
    }

    [Fact]
    public async Task The_database_takes_no_transfer_that_does_not_follow_on_the_last()
    {
        await Take(In(Ann, 100));
        const string columns = "number, phase, debit_account, credit_account, amount_micros, kind, cause, happened_time, recorded_time, hash";
        foreach (var (number, hash) in ((long, string)[])[(2, "decode(repeat('00', 32), 'hex')"), (3, "''")])
        {
            (await _books.ShouldBeRefused(
                $"INSERT INTO settlement.transfers ({columns}) VALUES ({number}, 0, 'bank', 'fees', 1, 'k', 'c', now(), now(), {hash})"))
                .ConstraintName.ShouldBe("transfers_chain");
        }
        await _books.ShouldBeRefused("UPDATE settlement.ledger_head SET last_number = 0");
        await _books.ShouldBeRefused("DELETE FROM settlement.ledger_head");
        await _books.ShouldBeRefused($"UPDATE settlement.accounts SET floor_micros = NULL WHERE name = 'transit:{Ann}'");
        await _books.ShouldBeRefused($"UPDATE settlement.accounts SET pending_out_micros = 1 WHERE name = 'transit:{Ann}'");
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task The_chain_is_the_same_for_the_database_and_for_whoever_checks_it()
    {
        var payment = Pending(Move(Ann, Ben, 60)) with { Expires = Books.Start.AddTicks(12_345), Cause = "Straße “7” \\ 漢字" };
        await Take(In(Ann, 100) with { FeedNumber = 7 }, payment, payment.Posted("paid", Books.Start.AddYears(-40), new Money(1)));
        ReadOnlyMemory<byte> hash = LedgerChain.Beginning;
        foreach (var row in await _books.Ask(db => db.Transfers.AsNoTracking().OrderBy(transfer => transfer.Number).ToListAsync(Cancel)))
        {
            row.Hash.ShouldBe(LedgerChain.HashOf(hash.Span, row.ToRecord()));
            hash = row.Hash;
        }
    }

    [Fact]
    public async Task What_the_ledger_took_is_never_dated_before_what_it_took_earlier()
    {
        await Take(In(Ann, 1));
        _books.Clock.Now = Books.Start.AddHours(-3);
        await Take(In(Ann, 1));
        (await _books.Ask(db => db.Transfers.OrderBy(t => t.Number).Select(t => t.RecordedTime).ToListAsync(Cancel))).ShouldBe([Books.Start, Books.Start]);
    }

    private Transfer In(Guid to, long micros) => new(Account.Bank, Account.Transit(to), new Money(micros), "test", $"cause {++_causes}", Books.Start);

    private Transfer Move(Guid from, Guid to, long micros) => In(to, micros) with { Debit = Account.Transit(from) };

    private static Transfer Pending(Transfer transfer) => transfer with { Phase = TransferPhase.Pending };

    /// <summary>Each by itself.</summary>
    private Task<IReadOnlyList<TransferOutcome>> Take(params Transfer[] transfers) => TakeGroups([.. transfers.Select(transfer => new[] { transfer })]);

    private Task<IReadOnlyList<TransferOutcome>> TakeGroups(Transfer[][] groups) => _books.Ask(async db =>
    {
        await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
        var outcomes = await Ledger.Take(db, groups, _books.Clock.Now, Cancel);
        await transaction.CommitAsync(Cancel);
        return outcomes;
    });

    private static string Reasons(IEnumerable<TransferOutcome> outcomes) => string.Join(", ", outcomes.Select(outcome => outcome switch
    {
        TransferOutcome.Posted { Known: true } known => $"known {known.Number}",
        TransferOutcome.Posted posted => $"posted {posted.Number}",
        TransferOutcome.Refused refused => $"{refused.Reason}",
        _ => "?",
    }));

    private Task<(long Balance, long Out, long In)> State(Account account) => _books.Ask(async db =>
    {
        var row = await db.Accounts.AsNoTracking().SingleAsync(a => a.Name == account.Name, Cancel);
        return (row.BalanceMicros, row.PendingOutMicros, row.PendingInMicros);
    });
}
