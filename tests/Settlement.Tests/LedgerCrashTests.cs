using System.Globalization;
using ComputeExchange.Client;
using ComputeExchange.Hosting.Postgres;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using ComputeExchange.Values.Ledger;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Shouldly;
using Xunit;

namespace ComputeExchange.Settlement.Tests;

/// <summary>
/// Random operations on a PostgreSQL of its own whose commits are on the disk, with the server killed in between and in the
/// middle of them. CX_LEDGER_OPERATIONS says how many (default 100,000).
/// </summary>
public sealed class LedgerCrashTests
{
    private const int Accounts = 300;

    private readonly Random _random = new(20_261_123);
    private readonly PlainLedger _plain = new();
    private readonly List<Transfer> _sent = [];
    private readonly List<Transfer> _open = [];
    private readonly Account[] _accounts = [Account.Bank, Account.Fees, .. Enumerable.Range(1, Accounts).Select(i => Account.Transit(new Guid(i, 0, 0, new byte[8])))];
    private DateTimeOffset _now = Books.Start;
    private string _connection = "";
    private int _causes;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_ledger_is_exact_through_random_operations_and_crashes()
    {
        var wanted = int.Parse(Environment.GetEnvironmentVariable("CX_LEDGER_OPERATIONS") ?? "100000", CultureInfo.InvariantCulture);
        var folder = Directory.CreateTempSubdirectory("cx-ledger-crashes-").FullName;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        var postgres = await PrivatePostgres.Start(Path.Combine(folder, "postgres"), Cancel);
        try
        {
            _connection = postgres.ConnectionString("postgres");
            await using (var db = Open()) await db.Database.MigrateAsync(Cancel);
            var (done, crashes) = (0, 0);
            while (done < wanted)
            {
                var groups = Batch();
                _now = _now.AddSeconds(_random.Next(0, 60));
                var crash = _random.Next(100);
                if (crash <= 1)
                {
                    crashes++;
                    await Crash(postgres, groups, inCommit: crash == 0);
                }
                else
                {
                    Same(groups, await Take(groups));
                }
                done += groups.Sum(group => group.Length);
                if (crash <= 1 || _random.Next(20) == 0) await ShouldBeExact();
            }
            await ShouldBeExact();
            await ShouldBeChained();
            crashes.ShouldBeGreaterThan(0);
            TestContext.Current.SendDiagnosticMessage($"{done} operations, {_plain.Taken} taken, {crashes} crashes");
        }
        finally
        {
            NpgsqlConnection.ClearAllPools();
            await postgres.Stop("immediate");
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The server dies before, while or after it commits; whoever asked looks what became of it, and asks again if nothing did.</summary>
    private async Task Crash(PrivatePostgres postgres, Transfer[][] groups, bool inCommit)
    {
        var before = _plain.Taken;
        IReadOnlyList<TransferOutcome>? outcomes = null;
        var killed = inCommit ? Task.Run(() => Kill(postgres), Cancel) : null;
        try
        {
            outcomes = await Take(groups, killBeforeCommit: inCommit ? null : () => Kill(postgres));
        }
        catch (Exception died) when (died is NpgsqlException or InvalidOperationException or IOException or DbUpdateException)
        {
            // Unknown: the head says.
        }
        if (killed is not null) await killed;
        NpgsqlConnection.ClearAllPools();
        await postgres.StartAgain(Cancel);

        long last;
        await using (var db = Open()) last = await db.LedgerHead.Select(head => head.LastNumber).SingleAsync(Cancel);
        if (last == before && outcomes is null) outcomes = await Take(groups);
        if (outcomes is not null) Same(groups, outcomes);
        else foreach (var group in groups) _plain.Take(group, _now);
    }

    private static async Task Kill(PrivatePostgres postgres) => await postgres.Stop("immediate");

    private async Task<IReadOnlyList<TransferOutcome>> Take(Transfer[][] groups, Func<Task>? killBeforeCommit = null)
    {
        await using var db = Open();
        await using var transaction = await db.Database.BeginTransactionAsync(Cancel);
        var outcomes = await Ledger.Take(db, groups, _now, Cancel);
        if (killBeforeCommit is not null) await killBeforeCommit();
        await transaction.CommitAsync(Cancel);
        return outcomes;
    }

    private void Same(Transfer[][] groups, IReadOnlyList<TransferOutcome> outcomes)
    {
        var expected = groups.SelectMany(group => _plain.Take(group, _now)).ToList();
        var all = groups.SelectMany(group => group).ToList();
        for (var i = 0; i < all.Count; i++)
        {
            var outcome = outcomes[i] is TransferOutcome.Refused refused ? refused.Reason.ToString() : "posted";
            if (outcome != expected[i]) throw new InvalidDataException($"{all[i]} was {outcome}; it should be {expected[i]}.");
        }
    }

    private async Task ShouldBeExact()
    {
        await using var db = Open();
        (await db.LedgerHead.Select(head => head.LastNumber).SingleAsync(Cancel)).ShouldBe(_plain.Taken);
        var rows = await db.Accounts.AsNoTracking().Where(account => account.BalanceMicros != 0 || account.PendingInMicros != 0 || account.PendingOutMicros != 0)
            .ToDictionaryAsync(account => account.Name, account => (account.BalanceMicros, account.PendingOutMicros, account.PendingInMicros), Cancel);
        rows.ShouldBe(_plain.Holding(), ignoreOrder: true);
        rows.Values.Sum(row => row.BalanceMicros).ShouldBe(0);
        rows.Values.Sum(row => row.PendingOutMicros - row.PendingInMicros).ShouldBe(0);
    }

    private async Task ShouldBeChained()
    {
        await using var db = Open();
        ReadOnlyMemory<byte> hash = LedgerChain.Beginning;
        var number = 0L;
        await foreach (var row in db.Transfers.AsNoTracking().OrderBy(transfer => transfer.Number).AsAsyncEnumerable())
        {
            row.Number.ShouldBe(++number);
            if (!row.Hash.AsSpan().SequenceEqual(LedgerChain.HashOf(hash.Span, row.ToRecord()))) throw new InvalidDataException($"Transfer {number} breaks the chain.");
            hash = row.Hash;
        }
        number.ShouldBe(_plain.Taken);
    }

    private Transfer[][] Batch() => [.. Enumerable.Range(0, _random.Next(1, 900)).Select(_ =>
        _random.Next(20) == 0 ? Enumerable.Range(0, _random.Next(2, 6)).Select(_ => One()).ToArray() : [One()])];

    private Transfer One()
    {
        var transfer = _random.Next(100) switch
        {
            < 12 => Move(Account.Bank, Anyone(), 2_000),
            < 70 => Move(Anyone(), Anyone(), 1_000),
            < 80 => Move(Anyone(), Anyone(), 1_000) with { Phase = TransferPhase.Pending, Expires = _random.Next(2) == 0 ? null : _now.AddSeconds(_random.Next(0, 600)) },
            < 88 when _open.Count > 0 => Ending() is var pending ? pending.Posted("posted", _now, new Money(_random.NextInt64(1, pending.Amount.Micros + 3))) : pending,
            < 92 when _open.Count > 0 => Ending().Voided("voided", _now),
            < 94 when _open.Where(pending => pending.Expires <= _now).ToList() is { Count: > 0 } due =>
                due[_random.Next(due.Count)].Voided("expired", _now) with { Phase = TransferPhase.Expire },
            < 97 when _sent.Count > 0 => _sent[_random.Next(_sent.Count)],
            98 when _sent.Count > 0 => _sent[_random.Next(_sent.Count)] with { Amount = new Money(_random.NextInt64(1, 9)) },
            _ => Move(Anyone(), Account.Fees, 50),
        };
        _sent.Add(transfer);
        if (_sent.Count > 3_000) _sent.RemoveRange(0, 1_000);
        if (transfer.Phase == TransferPhase.Pending) _open.Add(transfer);
        return transfer;
    }

    private Transfer Ending()
    {
        var place = _random.Next(_open.Count);
        var pending = _open[place];
        if (_random.Next(3) > 0) _open.RemoveAt(place);
        return pending;
    }

    private Transfer Move(Account from, Account to, int most) => new(from, to, new Money(_random.Next(0, most)), "random", $"cause {++_causes}", _now);

    private Account Anyone() => _accounts[_random.Next(2, _accounts.Length)];

    private SettlementDb Open() => new(Hosting.Storage.OptionsFor<SettlementDb>(_connection, ServiceNames.Settlement), TimeProvider.System);

    /// <summary>The rules once more, as plainly as can be: what was taken is listed, and all else is counted from the list.</summary>
    private sealed class PlainLedger
    {
        private readonly Dictionary<(string Cause, string Kind), Transfer> _taken = [];
        private readonly Dictionary<(string Cause, string Kind), bool> _ended = [];
        private readonly Dictionary<string, (long Balance, long Out, long In)> _holding = [];

        public long Taken => _taken.Count;

        public Dictionary<string, (long, long, long)> Holding() => _holding.Where(held => held.Value != default).ToDictionary();

        public IEnumerable<string> Take(Transfer[] linked, DateTimeOffset now)
        {
            var verdicts = new List<string>();
            var mine = new List<Transfer>();
            foreach (var transfer in linked)
            {
                var verdict = Judge(transfer, now);
                if (verdict == "new") Do(transfer, 1);
                if (verdict == "new") mine.Add(transfer);
                verdicts.Add(verdict is "new" or "known" ? "posted" : verdict);
                if (verdict is "new" or "known") continue;
                mine.Reverse();
                foreach (var undone in mine) Do(undone, -1);
                return linked.Select((_, place) => place == verdicts.Count - 1 ? verdict : "LinkRefused").ToList();
            }
            return verdicts;
        }

        private string Judge(Transfer transfer, DateTimeOffset now)
        {
            if (transfer.Amount.Micros <= 0) return "AmountNotPositive";
            if (transfer.Debit == transfer.Credit) return "OneAccount";
            if (_taken.TryGetValue((transfer.Cause, transfer.Kind), out var earlier))
                return earlier.Amount == transfer.Amount && earlier.Debit == transfer.Debit && earlier.Credit == transfer.Credit
                    && earlier.Phase == transfer.Phase && earlier.Ends == transfer.Ends ? "known" : "CauseReused";
            if (transfer.Ends is { } key)
            {
                if (!_taken.TryGetValue((key.Cause, key.Kind), out var pending)) return "PendingNotFound";
                if (_ended.ContainsKey((key.Cause, key.Kind))) return "PendingEnded";
                if (transfer.Phase == TransferPhase.Post && pending.Expires <= now) return "PendingExpired";
                var fits = transfer.Phase == TransferPhase.Post ? transfer.Amount <= pending.Amount : transfer.Amount == pending.Amount;
                return fits ? "new" : "PendingDiffers";
            }
            var (balance, aside, _) = _holding.GetValueOrDefault(transfer.Debit.Name);
            return transfer.Debit != Account.Bank && balance - aside < transfer.Amount.Micros ? "BelowFloor" : "new";
        }

        /// <summary>Does it, or, with −1, undoes it.</summary>
        private void Do(Transfer transfer, int sign)
        {
            var key = (transfer.Cause, transfer.Kind);
            if (sign > 0) _taken.Add(key, transfer);
            else _taken.Remove(key);
            var amount = transfer.Amount.Micros * sign;
            if (transfer.Phase is TransferPhase.Direct or TransferPhase.Post) Add(transfer, amount, 0);
            if (transfer.Phase == TransferPhase.Pending) Add(transfer, 0, amount);
            if (transfer.Ends is not { } ends) return;

            if (sign > 0) _ended.Add((ends.Cause, ends.Kind), true);
            else _ended.Remove((ends.Cause, ends.Kind));
            Add(transfer, 0, -_taken[(ends.Cause, ends.Kind)].Amount.Micros * sign);
        }

        private void Add(Transfer transfer, long moved, long held)
        {
            var (debit, credit) = (_holding.GetValueOrDefault(transfer.Debit.Name), _holding.GetValueOrDefault(transfer.Credit.Name));
            _holding[transfer.Debit.Name] = (debit.Balance - moved, debit.Out + held, debit.In);
            credit = _holding.GetValueOrDefault(transfer.Credit.Name);
            _holding[transfer.Credit.Name] = (credit.Balance + moved, credit.Out, credit.In + held);
        }
    }
}
