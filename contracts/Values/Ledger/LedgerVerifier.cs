using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ComputeExchange.Values.Ledger;

/// <summary>The first thing in an export that does not fit.</summary>
/// <param name="Line">Its line, counted from 1.</param>
/// <param name="Transfer">The transfer; null where it is not about one.</param>
/// <param name="Sentence">What does not fit.</param>
public sealed record LedgerFault(long Line, long? Transfer, string Sentence);

/// <summary>
/// Reads an export line by line and says what does not fit first: a hash, a number, a time, an amount that nobody had, a
/// pending transfer that is not there, a cause given twice, a balance that is not what the transfers make it.
/// </summary>
/// <remarks>
/// An export that begins later than with transfer 1 can be checked for its chain alone: what accounts held before is not in it.
/// </remarks>
public sealed class LedgerVerifier
{
    private readonly Dictionary<string, Balance> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<long, TransferRecord> _pending = [];
    private readonly HashSet<UInt128> _causes = [];
    private ReadOnlyMemory<byte> _hash = LedgerChain.Beginning;
    private DateTimeOffset _recorded = DateTimeOffset.MinValue;
    private LedgerLine.Header? _header;
    private LedgerLine.Footer? _footer;
    private string _account = "";
    private long _held;

    /// <summary>How many lines were read.</summary>
    public long Lines { get; private set; }

    /// <summary>How many transfers were read.</summary>
    public long Transfers { get; private set; }

    /// <summary>The number of the last transfer.</summary>
    public long LastNumber { get; private set; }

    /// <summary>The hash of the last transfer.</summary>
    public ReadOnlyMemory<byte> LastHash => _hash;

    /// <summary>How many accounts the transfers name.</summary>
    public int Accounts => _accounts.Count;

    /// <summary>Whether balances were checked: only where the export begins with the first transfer.</summary>
    public bool IsWhole => _header?.FromNumber == 1;

    /// <summary>Takes the next line, without its line feed; answers with what does not fit. After a fault nothing more is to be taken.</summary>
    public LedgerFault? Take(ReadOnlySpan<byte> line)
    {
        Lines++;
        try
        {
            return (LedgerFile.Read(line), _header, _footer) switch
            {
                (_, _, not null) => Fault(null, "There is something after the footer."),
                (LedgerLine.Header header, null, _) => Begin(header),
                (_, null, _) => Fault(null, "The header is missing: it is the first line of an export."),
                (LedgerLine.Moved moved, _, _) => Move(moved.Transfer),
                (LedgerLine.Held held, _, _) => Hold(held),
                (LedgerLine.Footer footer, _, _) => End(footer),
                _ => Fault(null, "There is a second header."),
            };
        }
        catch (LedgerFormatException unreadable)
        {
            return Fault(null, unreadable.Message);
        }
        catch (OverflowException)
        {
            return Fault(LastNumber + 1, "An amount is larger than any account can hold.");
        }
    }

    /// <summary>Says that there are no more lines.</summary>
    public LedgerFault? Finish() => _footer is null ? Fault(null, "The footer is missing: the export is cut off.") : null;

    private LedgerFault? Begin(LedgerLine.Header header)
    {
        if (header.FromNumber < 1) return Fault(null, $"It begins with transfer {header.FromNumber}; transfers are numbered from 1.");
        if (header.FromNumber == 1 && !header.BeforeHash.Span.SequenceEqual(LedgerChain.Beginning.Span)) return Fault(null, "Before transfer 1 the hash is all zero.");
        (_header, _hash, LastNumber) = (header, header.BeforeHash, header.FromNumber - 1);
        return null;
    }

    private LedgerFault? Move(TransferRecord transfer)
    {
        if (_account.Length > 0) return Fault(transfer.Number, "It stands after the accounts.");
        if (transfer.Number != LastNumber + 1) return Fault(transfer.Number, $"Its number does not follow on {LastNumber}: {(transfer.Number > LastNumber ? "transfers are missing" : "it is out of its place")}.");
        if (!LedgerChain.HashOf(_hash.Span, transfer).AsSpan().SequenceEqual(transfer.Hash.Span))
            return Fault(transfer.Number, "Its hash is not that of its content and of the hash before: it was changed, or one before it was.");
        if (transfer.RecordedTime < _recorded) return Fault(transfer.Number, "It was recorded before the transfer before it.");
        if (transfer.AmountMicros <= 0) return Fault(transfer.Number, $"It moves {transfer.AmountMicros} micro-dollars; an amount is above 0.");
        if (transfer.Debit == transfer.Credit) return Fault(transfer.Number, $"It moves from {transfer.Debit} to itself.");
        if (!_causes.Add(Digest(transfer))) return Fault(transfer.Number, $"Its cause and kind were given before: {transfer.Cause}, {transfer.Kind}.");
        if (Ends(transfer, out var pending) is { } unfit) return Fault(transfer.Number, unfit);

        var (debit, credit) = (Of(transfer.Debit), Of(transfer.Credit));
        var moved = transfer.Phase is TransferPhase.Direct or TransferPhase.Post ? transfer.AmountMicros : 0;
        var held = transfer.Phase == TransferPhase.Pending ? transfer.AmountMicros : -(pending?.AmountMicros ?? 0);
        (debit.Micros, debit.Out) = (debit.Micros - moved, debit.Out + held);
        (credit.Micros, credit.In) = (credit.Micros + moved, credit.In + held);
        if (IsWhole && !debit.MayOwe && debit.Micros - debit.Out < 0)
            return Fault(transfer.Number, $"It takes more from {transfer.Debit} than the account has: {new Money(debit.Micros - debit.Out)} would be left.");
        if (IsWhole && credit.OnlyOwes && credit.Micros + credit.In > 0)
            return Fault(transfer.Number, $"It gives {transfer.Credit} more than is owed: {new Money(credit.Micros + credit.In)} would be left.");

        (Transfers, LastNumber, _hash, _recorded) = (Transfers + 1, transfer.Number, transfer.Hash, transfer.RecordedTime);
        return null;
    }

    /// <summary>For a transfer that ends a pending one, why it cannot.</summary>
    private string? Ends(TransferRecord transfer, out TransferRecord? pending)
    {
        pending = null;
        if (transfer.Phase == TransferPhase.Pending) _pending.Add(transfer.Number, transfer);
        if (transfer.Phase < TransferPhase.Post) return transfer.PendingNumber is null ? null : "It names a pending transfer and ends none.";
        if (transfer.PendingNumber is not { } number) return "It does not say which pending transfer it ends.";
        if (!_pending.Remove(number, out pending))
            return number < _header!.FromNumber ? null : $"There is no pending transfer {number} that it could end; it never was, or it ended before.";
        if ((pending.Debit, pending.Credit) != (transfer.Debit, transfer.Credit)) return $"It moves between other accounts than the pending transfer {number}.";
        if (transfer.AmountMicros > pending.AmountMicros || (transfer.Phase != TransferPhase.Post && transfer.AmountMicros != pending.AmountMicros))
            return $"It is for {new Money(transfer.AmountMicros)}; the pending transfer {number} is for {new Money(pending.AmountMicros)}.";
        if (transfer.Phase == TransferPhase.Post && transfer.RecordedTime >= pending.ExpiresTime) return $"The time of the pending transfer {number} was over.";
        if (transfer.Phase == TransferPhase.Expire && !(transfer.RecordedTime >= pending.ExpiresTime)) return $"The time of the pending transfer {number} was not over.";
        return null;
    }

    private LedgerFault? Hold(LedgerLine.Held held)
    {
        if (string.CompareOrdinal(held.Account, _account) <= 0) return Fault(null, $"The account {held.Account} is out of its place: accounts stand in the order of their names.");
        (_account, _held) = (held.Account, _held + 1);
        if (!IsWhole) return null;

        var balance = _accounts.GetValueOrDefault(held.Account);
        var made = (balance?.Micros ?? 0, balance?.Out ?? 0, balance?.In ?? 0);
        if (balance is not null) balance.Listed = true;
        return made == (held.BalanceMicros, held.PendingOutMicros, held.PendingInMicros)
            ? null
            : Fault(null, $"{held.Account} holds {new Money(held.BalanceMicros)} ({new Money(held.PendingOutMicros)} set aside, {new Money(held.PendingInMicros)} to come); "
                + $"its transfers make {new Money(made.Item1)} ({new Money(made.Item2)}, {new Money(made.Item3)}).");
    }

    private LedgerFault? End(LedgerLine.Footer footer)
    {
        _footer = footer;
        if (footer.TransferCount != Transfers) return Fault(null, $"The footer counts {footer.TransferCount} transfers; there are {Transfers}.");
        if (footer.LastNumber != LastNumber) return Fault(null, $"The footer says that transfer {footer.LastNumber} is the last; {LastNumber} is.");
        if (!footer.LastHash.Span.SequenceEqual(_hash.Span)) return Fault(LastNumber, "The footer has another hash for the last transfer.");
        if (footer.AccountCount != _held) return Fault(null, $"The footer counts {footer.AccountCount} accounts; there are {_held}.");
        if (!IsWhole) return null;
        if (_accounts.FirstOrDefault(account => !account.Value.Listed) is { Key: not null } left) return Fault(null, $"The account {left.Key} has transfers and is not listed.");
        var sum = _accounts.Values.Aggregate(Int128.Zero, (all, account) => all + account.Micros);
        return sum == 0 ? null : Fault(null, $"All accounts together hold {sum} micro-dollars; they should hold nothing.");
    }

    private Balance Of(string account)
    {
        if (!_accounts.TryGetValue(account, out var balance)) _accounts[account] = balance = new Balance(account);
        return balance;
    }

    /// <summary>Sixteen bytes for a cause and kind: two that differ have different ones, but for a chance that does not come.</summary>
    private static UInt128 Digest(TransferRecord transfer)
    {
        Span<byte> text = stackalloc byte[1_024];
        Span<byte> hash = stackalloc byte[LedgerChain.HashLength];
        if (Encoding.UTF8.TryGetBytes(transfer.Kind, text[4..], out var kind) && Encoding.UTF8.TryGetBytes(transfer.Cause, text[(4 + kind)..], out var cause))
        {
            BinaryPrimitives.WriteInt32BigEndian(text, kind);
            SHA256.HashData(text[..(4 + kind + cause)], hash);
        }
        else
        {
            SHA256.HashData(Encoding.UTF8.GetBytes($"{transfer.Kind.Length}\u001f{transfer.Kind}{transfer.Cause}"), hash);
        }
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private LedgerFault Fault(long? transfer, string sentence) => new(Lines, transfer, sentence);

    /// <summary>What an account holds so far. The bank, and what is owed to the exchange, alone may be negative.</summary>
    private sealed class Balance(string account)
    {
        public long Micros { get; set; }

        public long Out { get; set; }

        public long In { get; set; }

        public bool Listed { get; set; }

        public bool OnlyOwes { get; } = account.StartsWith("receivable:", StringComparison.Ordinal);

        public bool MayOwe { get; } = account == "bank" || account.StartsWith("receivable:", StringComparison.Ordinal);
    }
}
