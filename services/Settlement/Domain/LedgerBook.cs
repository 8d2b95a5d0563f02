using ComputeExchange.Values.Ledger;

namespace ComputeExchange.Settlement.Domain;

/// <summary>What an account holds: the balance, and what pending transfers set aside of it and are to bring.</summary>
/// <param name="BalanceMicros">What it holds.</param>
/// <param name="PendingOutMicros">Of it, set aside.</param>
/// <param name="PendingInMicros">To come.</param>
/// <param name="FloorMicros">The least it may hold, less what is set aside; null: it may owe.</param>
/// <param name="CeilingMicros">The most it may hold, with what is to come; null: any amount.</param>
public readonly record struct AccountState(
    long BalanceMicros, long PendingOutMicros, long PendingInMicros, long? FloorMicros, long? CeilingMicros)
{
    /// <summary>An account that was just opened.</summary>
    public static AccountState New(Account account) => new(0, 0, 0, account.FloorMicros, account.CeilingMicros);

    /// <summary>What can still be taken from it; null: any amount.</summary>
    public Int128? Free => FloorMicros is { } floor ? (Int128)BalanceMicros - PendingOutMicros - floor : null;

    /// <summary>What it can still be given; null: any amount.</summary>
    public Int128? Room => CeilingMicros is { } ceiling ? (Int128)ceiling - BalanceMicros - PendingInMicros : null;
}

/// <summary>A transfer that the ledger has, as far as a decision needs it.</summary>
/// <param name="Ended">For a pending one, whether something ended it.</param>
public sealed record KnownTransfer(
    long Number, TransferPhase Phase, TransferKey Key, TransferKey? Ends, string Debit, string Credit, long AmountMicros, DateTimeOffset? Expires, bool Ended);

/// <summary>Why the ledger would not take a transfer, in the order in which the reasons are checked.</summary>
public enum TransferRefusal
{
    /// <summary>It is below 1 micro-dollar.</summary>
    AmountNotPositive,

    /// <summary>It moves from an account to itself.</summary>
    OneAccount,

    /// <summary>Its cause and kind stand for another transfer.</summary>
    CauseReused,

    /// <summary>There is no pending transfer that it could end.</summary>
    PendingNotFound,

    /// <summary>What it would end was ended by another.</summary>
    PendingEnded,

    /// <summary>The time of what it would post is over.</summary>
    PendingExpired,

    /// <summary>It moves between other accounts, or more, than what it would end.</summary>
    PendingDiffers,

    /// <summary>The account it is taken from does not have so much.</summary>
    BelowFloor,

    /// <summary>The account it is given to may not hold so much.</summary>
    AboveCeiling,

    /// <summary>Another transfer that it is linked to was refused.</summary>
    LinkRefused,
}

/// <summary>What became of a transfer.</summary>
public abstract record TransferOutcome
{
    private TransferOutcome()
    {
    }

    /// <summary>The ledger has it: now, or (known) since an earlier time.</summary>
    public sealed record Posted(long Number, bool Known) : TransferOutcome;

    /// <summary>Nothing moved.</summary>
    public sealed record Refused(TransferRefusal Reason) : TransferOutcome;
}

/// <summary>
/// The rules of the ledger over the accounts and transfers that a batch touches: decides transfer by transfer what is
/// taken, and what each account then holds. Linked transfers are taken all or none.
/// </summary>
/// <remarks>
/// Two-phase transfers, linked transfers and limits of balances are as TigerBeetle describes them (Two-Phase Transfers; Linked Events;
/// Account flags). The caller brings all that the batch names; nothing is read or kept here.
/// </remarks>
public sealed class LedgerBook
{
    private readonly Dictionary<string, AccountState> _accounts;
    private readonly Dictionary<TransferKey, KnownTransfer> _known;
    private readonly List<TransferRecord> _taken = [];
    private readonly Stack<Action> _undo = [];
    private readonly DateTimeOffset _now;
    private long _last;

    /// <param name="accounts">Every account that the batch names.</param>
    /// <param name="known">The transfers the ledger has whose key the batch gives again or ends.</param>
    /// <param name="lastNumber">The ledger's last number.</param>
    /// <param name="now">The exchange's time, not before that of the last transfer.</param>
    public LedgerBook(IEnumerable<KeyValuePair<string, AccountState>> accounts, IEnumerable<KnownTransfer> known, long lastNumber, DateTimeOffset now)
    {
        _accounts = new(accounts, StringComparer.Ordinal);
        _known = known.ToDictionary(transfer => transfer.Key);
        (_last, _now) = (lastNumber, now);
    }

    /// <summary>What the accounts hold after what was taken.</summary>
    public IReadOnlyDictionary<string, AccountState> Accounts => _accounts;

    /// <summary>What was taken, in order, without hashes.</summary>
    public IReadOnlyList<TransferRecord> Taken => _taken;

    /// <summary>Takes all transfers of a group, or none of them.</summary>
    /// <returns>One outcome a transfer, in their order.</returns>
    public IReadOnlyList<TransferOutcome> Take(IReadOnlyList<Transfer> linked)
    {
        var outcomes = new TransferOutcome[linked.Count];
        _undo.Clear();
        for (var i = 0; i < linked.Count; i++)
        {
            outcomes[i] = Take(linked[i]);
            if (outcomes[i] is not TransferOutcome.Refused) continue;

            while (_undo.TryPop(out var undo)) undo();
            for (var j = 0; j < linked.Count; j++)
                if (j != i) outcomes[j] = new TransferOutcome.Refused(TransferRefusal.LinkRefused);
            break;
        }
        return outcomes;
    }

    private TransferOutcome Take(Transfer transfer)
    {
        if (transfer.Amount.Micros <= 0) return Refused(TransferRefusal.AmountNotPositive);
        if (transfer.Debit.Name == transfer.Credit.Name) return Refused(TransferRefusal.OneAccount);
        if (_known.TryGetValue(transfer.Key, out var earlier))
            return IsSame(earlier, transfer) ? new TransferOutcome.Posted(earlier.Number, Known: true) : Refused(TransferRefusal.CauseReused);

        KnownTransfer? pending = null;
        if (transfer.Phase >= TransferPhase.Post)
        {
            if (transfer.Ends is not { } ends || !_known.TryGetValue(ends, out pending) || pending.Phase != TransferPhase.Pending)
                return Refused(TransferRefusal.PendingNotFound);
            if (pending.Ended) return Refused(TransferRefusal.PendingEnded);
            if (transfer.Phase == TransferPhase.Post && pending.Expires <= _now) return Refused(TransferRefusal.PendingExpired);
            if ((pending.Debit, pending.Credit) != (transfer.Debit.Name, transfer.Credit.Name)
                || transfer.Amount.Micros > pending.AmountMicros
                || (transfer.Phase != TransferPhase.Post && transfer.Amount.Micros != pending.AmountMicros))
                return Refused(TransferRefusal.PendingDiffers);
        }
        var (debit, credit) = (_accounts[transfer.Debit.Name], _accounts[transfer.Credit.Name]);
        if (pending is null)
        {
            if (debit.Free < transfer.Amount.Micros) return Refused(TransferRefusal.BelowFloor);
            if (credit.Room < transfer.Amount.Micros) return Refused(TransferRefusal.AboveCeiling);
        }

        // From here on it is taken.
        var amount = transfer.Amount.Micros;
        var held = pending?.AmountMicros ?? (transfer.Phase == TransferPhase.Pending ? -amount : 0);
        var moved = transfer.Phase is TransferPhase.Direct or TransferPhase.Post ? amount : 0;
        Set(transfer.Debit.Name, debit with { BalanceMicros = debit.BalanceMicros - moved, PendingOutMicros = debit.PendingOutMicros - held });
        Set(transfer.Credit.Name, credit with { BalanceMicros = credit.BalanceMicros + moved, PendingInMicros = credit.PendingInMicros - held });
        if (pending is not null) Know(pending with { Ended = true });
        Know(new KnownTransfer(
            _last + 1, transfer.Phase, transfer.Key, transfer.Ends, transfer.Debit.Name, transfer.Credit.Name, amount, transfer.Expires, Ended: false));
        Keep(transfer, pending);
        return new TransferOutcome.Posted(_last, Known: false);
    }

    private void Keep(Transfer transfer, KnownTransfer? pending)
    {
        _last++;
        _taken.Add(new TransferRecord(
            _last, transfer.Phase, pending?.Number, transfer.Debit.Name, transfer.Credit.Name, transfer.Amount.Micros, transfer.Kind, transfer.Cause,
            transfer.Happened, _now, transfer.FeedNumber, transfer.Expires, default));
        _undo.Push(() =>
        {
            _last--;
            _taken.RemoveAt(_taken.Count - 1);
        });
    }

    private void Set(string account, AccountState state)
    {
        var before = _accounts[account];
        _accounts[account] = state;
        _undo.Push(() => _accounts[account] = before);
    }

    private void Know(KnownTransfer transfer)
    {
        var before = _known.GetValueOrDefault(transfer.Key);
        _known[transfer.Key] = transfer;
        _undo.Push(() =>
        {
            if (before is null) _known.Remove(transfer.Key);
            else _known[transfer.Key] = before;
        });
    }

    private static bool IsSame(KnownTransfer earlier, Transfer transfer) =>
        (earlier.Phase, earlier.Debit, earlier.Credit, earlier.AmountMicros, earlier.Ends)
        == (transfer.Phase, transfer.Debit.Name, transfer.Credit.Name, transfer.Amount.Micros, transfer.Ends);

    private static TransferOutcome.Refused Refused(TransferRefusal reason) => new(reason);
}
