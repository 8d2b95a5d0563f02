using ComputeExchange.Facts.Settlement.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Domain.Fees;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Proposals;
using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Testing;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>What needs two operators.</summary>
public sealed class ProposalTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(Books.Start.Date);
    private static readonly Proposed NewLimits = new Proposed.Limits(100, 200, 50, 60);

    private readonly Guid _olga = Guid.NewGuid();
    private readonly Guid _otto = Guid.NewGuid();
    private Books _books = null!;

    public async ValueTask InitializeAsync() => _books = await Books.Open(server);

    public ValueTask DisposeAsync() => _books.DisposeAsync();

    [Fact]
    public async Task What_one_operator_proposes_takes_effect_when_another_approves_it()
    {
        var row = await Made(NewLimits);
        (await Rules()).SingleMicros.ShouldNotBe(100);
        (await Approve(_otto, row)).ShouldBeOfType<ProposalOutcome.Stands>();
        (await Rules()).ShouldSatisfyAllConditions(
            rules => rules.SingleMicros.ShouldBe(100), rules => rules.DailyMicros.ShouldBe(200),
            rules => rules.ApprovalMicros.ShouldBe(50), rules => rules.CoolingMinutes.ShouldBe(60));
        (await _books.Said<OperatorActed>()).Count.ShouldBe(2);

        // Again is harmless; a third operator is told that it is done.
        (await Approve(_otto, row)).ShouldBeOfType<ProposalOutcome.Stands>();
        (await Approve(Guid.NewGuid(), row)).ShouldBeOfType<ProposalOutcome.Done>();
        (await _books.Said<OperatorActed>()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Nobody_approves_what_they_proposed_or_something_else_than_they_read_or_too_late()
    {
        var row = await Made(NewLimits);
        (await Approve(_olga, row)).ShouldBeOfType<ProposalOutcome.OwnProposal>();
        (await _books.ShouldBeRefused($"UPDATE settlement.proposals SET approved_by = proposed_by")).ConstraintName.ShouldBe("proposals_two_operators");
        (await _books.With<ApproveProposalHandler, ProposalOutcome>(handler => handler.Handle(_otto, row.Id, new string('0', 64), default)))
            .ShouldBeOfType<ProposalOutcome.HashDiffers>();
        (await _books.With<ApproveProposalHandler, ProposalOutcome>(handler => handler.Handle(_otto, Guid.NewGuid(), row.Hash, default)))
            .ShouldBeOfType<ProposalOutcome.NotFound>();
        _books.Clock.Now = Books.Start.AddMinutes(15);
        (await Approve(_otto, row)).ShouldBeOfType<ProposalOutcome.Expired>();
        (await Rules()).SingleMicros.ShouldNotBe(100);
    }

    [Fact]
    public async Task The_same_request_is_one_proposal()
    {
        var request = Guid.NewGuid();
        var first = await Made(NewLimits, request);
        (await Made(NewLimits, request)).Id.ShouldBe(first.Id);
        (await Propose(new Proposed.Limits(1, 2, 3, 4), request)).ShouldBeOfType<ProposalOutcome.RequestIdReused>();
        (await _books.Ask(db => db.Proposals.CountAsync())).ShouldBe(1);
    }

    [Fact]
    public async Task An_approval_that_crashed_at_its_commit_did_nothing_and_may_be_repeated()
    {
        var row = await Made(NewLimits);
        _books.CrashAtCommit = true;
        await Should.ThrowAsync<CrashedException>(() => Approve(_otto, row));
        (await Rules()).SingleMicros.ShouldNotBe(100);
        await Approve(_otto, row);
        (await Rules()).SingleMicros.ShouldBe(100);
    }

    [Fact]
    public async Task After_a_halt_two_operators_let_money_leave_again()
    {
        (await Propose(new Proposed.Resume("all is well"))).ShouldBeOfType<ProposalOutcome.Impossible>().Reason.ShouldBe("NOT_HALTED");
        await _books.With<HaltPaymentsHandler, int>(async handler =>
        {
            await handler.Handle(_olga, "a figure looks wrong", default);
            return 0;
        });
        (await Rules()).ShouldSatisfyAllConditions(rules => rules.HaltedTime.ShouldBe(Books.Start), rules => rules.HaltReason.ShouldBe("a figure looks wrong"));
        await _books.Do(db => db.Database.ExecuteSqlAsync(
            $"INSERT INTO settlement.breaks (check_name, subject, text, found_time) VALUES ('chain', 'transfer 7', 'Transfer 7 was changed.', {Books.Start})"));
        (await Propose(new Proposed.Resume("it was nothing"))).ShouldBeOfType<ProposalOutcome.Impossible>().Message.ShouldContain("Transfer 7 was changed.");
        await _books.Do(db => db.Breaks.ExecuteUpdateAsync(found => found.SetProperty(f => f.ClearedTime, Books.Start)));
        var row = await Made(new Proposed.Resume("it was a typing error"));
        await Approve(_otto, row);
        (await Rules()).HaltedTime.ShouldBeNull();
    }

    [Fact]
    public async Task Money_that_nobody_is_known_to_own_is_given_to_its_owner_once()
    {
        var ann = Guid.NewGuid();
        await _books.Do(async db =>
        {
            db.Open(Account.Transit(ann));
            await db.SaveChangesAsync();
        });
        await _books.Tell(new RailEvent(CsvRail.RailName, "7", RailSays.DepositSettled, null, "", "7", new Money(500), Books.Start));
        var deposit = await _books.Ask(db => db.Deposits.AsNoTracking().SingleAsync());
        (await Propose(new Proposed.Assign(deposit.Id, Guid.NewGuid()))).ShouldBeOfType<ProposalOutcome.Impossible>().Reason.ShouldBe("PARTICIPANT_UNKNOWN");

        var (first, second) = (await Made(new Proposed.Assign(deposit.Id, ann)), await Made(new Proposed.Assign(deposit.Id, ann)));
        await Approve(_otto, first);
        (await Approve(_otto, second)).ShouldBeOfType<ProposalOutcome.Impossible>().Reason.ShouldBe("DEPOSIT_NOT_UNMATCHED");
        await _books.AnswerCommands();
        (await _books.Balances()).ShouldBe($"bank -500; collateral:{ann} 500");
        await _books.ShouldBalance();
    }

    [Fact]
    public async Task A_correction_moves_what_there_is_and_no_more()
    {
        var row = await Made(new Proposed.Correct("bank", "suspense", 300, "the bank's line 12 was counted twice"));
        await Approve(_otto, row);
        (await _books.Balances()).ShouldBe("bank -300; suspense 300");

        var tooMuch = await Made(new Proposed.Correct("suspense", "fees", 301, "unclaimed for ten years"));
        (await Approve(_otto, tooMuch)).ShouldBeOfType<ProposalOutcome.Impossible>().Reason.ShouldBe("LEDGER_REFUSED");
        (await _books.Balances()).ShouldBe("bank -300; suspense 300");
        (await _books.Ask(db => db.Proposals.SingleAsync(proposal => proposal.Id == tooMuch.Id))).ApprovedBy.ShouldBeNull();
        (await Propose(new Proposed.Correct("bank", $"earnings:{Guid.NewGuid()}", 1, "for nobody"))).ShouldBeOfType<ProposalOutcome.Impossible>();
    }

    [Fact]
    public async Task Fees_and_taxes_are_set_by_two_operators()
    {
        await Approve(_otto, await Made(new Proposed.SetFees("2026-04-01", [new Tier(0, 1_000, 2_000), new Tier(1_000_000, 500, 1_000)])));
        await Approve(_otto, await Made(new Proposed.SetTax("DE", "2026-04-01", 190_000)));
        (await _books.Ask(db => db.FeeSchedules.SingleAsync())).FromDay.ShouldBe(new DateOnly(2026, 4, 1));
        (await _books.Ask(db => db.TaxRates.SingleAsync())).RatePpm.ShouldBe(190_000);
    }

    [Theory]
    [InlineData("collateral:00000000-0000-7000-8000-0000000000d1", "bank", "correct.debit_account")]
    [InlineData("bank", "transit:00000000-0000-7000-8000-0000000000d1", "correct.credit_account")]
    [InlineData("bank", "escrow:1", "correct.credit_account")]
    [InlineData("bank", "bank", "correct.credit_account")]
    [InlineData("tax:de", "bank", "correct.debit_account")]
    [InlineData("earnings:me", "bank", "correct.debit_account")]
    [InlineData("", "bank", "correct.debit_account")]
    public void What_participants_trade_with_cannot_be_corrected(string debit, string credit, string wrong) =>
        new Proposed.Correct(debit, credit, 1, "why").Check(Today).Select(one => one.Field).ShouldBe([wrong]);

    [Fact]
    public void Every_field_that_is_wrong_is_named()
    {
        Fields(new Proposed.Limits(-1, -1, 0, -1)).ShouldBe(["set_limits.single_micros", "set_limits.daily_micros", "set_limits.approval_micros", "set_limits.cooling_minutes"]);
        Fields(new Proposed.Resume(" ")).ShouldBe(["resume.explanation"]);
        Fields(new Proposed.Correct("bank", "fees", 0, new string('x', 101))).ShouldBe(["correct.amount_micros", "correct.reason"]);
        Fields(new Proposed.SetFees("1 April", [])).ShouldBe(["set_fees.from_day"]);
        Fields(new Proposed.SetFees("2026-03-01", [new Tier(5, 0, 100_001)])).ShouldBe(["set_fees.from_day", "set_fees.tiers[0].from_volume_micros", "set_fees.tiers[0].seller_ppm"]);
        Fields(new Proposed.SetTax("de", "2026-03-02", 500_001)).ShouldBe(["set_tax.tax_code", "set_tax.rate_ppm"]);
    }

    [Fact]
    public void A_proposal_reads_as_it_was_written_and_its_hash_is_of_all_of_it()
    {
        Proposed[] all = [
            NewLimits, new Proposed.Resume("so"), new Proposed.Assign(_olga, _otto), new Proposed.Correct("bank", "fees", 7, "so"),
            new Proposed.SetFees("2026-04-01", [new Tier(0, 1, 2)]), new Proposed.SetTax("DE", "2026-04-01", 3)];
        foreach (var one in all)
        {
            var again = Domain.Proposed.Read(one.KindOf(), one.Write());
            (again.GetType(), again.Write(), again.Hash()).ShouldBe((one.GetType(), one.Write(), one.Hash()));
        }
        all.Select(one => one.Hash()).Distinct().Count().ShouldBe(all.Length);
        new Proposed.Limits(100, 200, 50, 61).Hash().ShouldNotBe(NewLimits.Hash());
    }

    private static IEnumerable<string> Fields(Proposed proposed) => proposed.Check(Today).Select(one => one.Field);

    private async Task<ProposalRow> Made(Proposed proposed, Guid? request = null)
    {
        proposed.Check(Today).ShouldBeEmpty();
        return (await Propose(proposed, request)).ShouldBeOfType<ProposalOutcome.Stands>().Proposal;
    }

    private Task<ProposalOutcome> Propose(Proposed proposed, Guid? request = null) =>
        _books.With<ProposeHandler, ProposalOutcome>(handler => handler.Handle(_olga, request ?? Guid.NewGuid(), proposed, default));

    private Task<ProposalOutcome> Approve(Guid operatorId, ProposalRow row) =>
        _books.With<ApproveProposalHandler, ProposalOutcome>(handler => handler.Handle(operatorId, row.Id, row.Hash, default));

    private Task<PaymentRulesRow> Rules() => _books.Ask(db => db.PaymentRules.AsNoTracking().SingleAsync());
}
