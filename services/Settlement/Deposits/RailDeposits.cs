using System.Diagnostics;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Payments;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Values;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Deposits;

/// <summary>Deposits as a rail tells of them. The caller saves.</summary>
public sealed class RailDeposits(SettlementDb db)
{
    private readonly Dictionary<string, DepositRow> _known = new(StringComparer.Ordinal);
    private Dictionary<DepositReference, Guid?> _owners = [];

    /// <summary>Looks up what a batch of events is about, all at once: the deposits, and whose references they name.</summary>
    public async Task Load(IReadOnlyList<RailEvent> events, CancellationToken cancel)
    {
        _known.Clear();
        if (events.Count == 0) return;
        var requests = events.Select(RequestId).Distinct().ToArray();
        var rows = await db.Deposits
            .FromSql($"SELECT *, xmin FROM settlement.deposits WHERE request_id = ANY ({requests}) ORDER BY deposit_id FOR UPDATE").ToListAsync(cancel);
        foreach (var row in rows) _known.Add(row.RailReference, row);

        var references = events
            .Select(happened => DepositReference.TryFind(happened.Reference, out var found) ? found : null)
            .OfType<DepositReference>().ToHashSet();
        _owners = await Owners(references, cancel);
    }

    /// <summary>Applies one event.</summary>
    public EventEffect Apply(RailEvent happened, DateTimeOffset now)
    {
        var deposit = _known.GetValueOrDefault(happened.RailReference);
        return RailSteps.Of(Standing(deposit), happened.Says) switch
        {
            DepositStep.Announce => Announce(happened, now),
            DepositStep.Book => Book(deposit, happened, now),
            DepositStep.Fail => Fail(deposit, happened, now),
            DepositStep.Reverse => Reverse(deposit, happened, now),
            DepositStep.Nothing => new EventEffect($"The deposit is {deposit?.State ?? "unknown"} already."),
            _ => new EventEffect($"The deposit is {deposit?.State}: nothing moved.") { Suspicious = true },
        };
    }

    private EventEffect Announce(RailEvent happened, DateTimeOffset now)
    {
        // Whose it is can be said when it is there: operators assign money, not announcements.
        if (OwnerOf(happened) is not { } owner) return new EventEffect("Announced with no reference that is known; it counts when it is there.") { Unmatched = true };
        var deposit = Add(happened, owner, DepositRow.Announced, now);
        db.Post([new IncomingMoney(deposit.Id, happened.Amount).Announced(owner, now)]);
        return new EventEffect($"Deposit {deposit.Id} is to come.");
    }

    private EventEffect Book(DepositRow? deposit, RailEvent happened, DateTimeOffset now)
    {
        var owner = deposit?.ParticipantId ?? OwnerOf(happened);
        var wasAnnounced = deposit?.State == DepositRow.Announced;
        deposit ??= Add(happened, owner, DepositRow.Booked, now);
        var announced = new IncomingMoney(deposit.Id, new Money(deposit.AmountMicros));
        if (owner is null)
        {
            SetAmount(deposit, happened.Amount);
            deposit.State = DepositRow.Unmatched;
            db.Post([new IncomingMoney(deposit.Id, happened.Amount).Unmatched(now)]);
            return new EventEffect($"Deposit {deposit.Id} is there and nobody's.") { Unmatched = true };
        }
        if (wasAnnounced && announced.Amount == happened.Amount && deposit.BookedTime + IncomingMoney.Patience > now)
        {
            db.Post([announced.Arrived(owner.Value, now)]);
        }
        else
        {
            // It came late, or is not what was announced: what was set aside is freed, what is there is booked.
            if (wasAnnounced) db.Post([Freed(deposit, owner.Value, now)]);
            SetAmount(deposit, happened.Amount);
            db.Post([new IncomingMoney(deposit.Id, happened.Amount).Booked(owner.Value, now)]);
        }
        deposit.State = DepositRow.Booked;
        deposit.ParticipantId = owner;
        db.Command(Asks.CreditDeposit(deposit.Id, owner.Value, happened.Amount));
        return new EventEffect($"Deposit {deposit.Id} is booked.");
    }

    private EventEffect Fail(DepositRow? deposit, RailEvent happened, DateTimeOffset now)
    {
        if (deposit is { State: DepositRow.Announced, ParticipantId: { } owner }) db.Post([Freed(deposit, owner, now)]);
        deposit ??= Add(happened, OwnerOf(happened), DepositRow.Failed, now);
        deposit.State = DepositRow.Failed;
        return new EventEffect($"Deposit {deposit.Id} does not come.");
    }

    private EventEffect Reverse(DepositRow? deposit, RailEvent happened, DateTimeOffset now)
    {
        var before = deposit?.State;
        deposit ??= Add(happened, OwnerOf(happened), DepositRow.Reversed, now);
        if (before is DepositRow.Booked or DepositRow.Unmatched && deposit.AmountMicros != happened.Amount.Micros)
            return new EventEffect($"Deposit {deposit.Id} was for {deposit.AmountMicros} micro-dollars: nothing moved.") { Suspicious = true };

        var money = new IncomingMoney(deposit.Id, new Money(deposit.AmountMicros));
        deposit.State = DepositRow.Reversed;
        switch (before)
        {
            case DepositRow.Booked:
                db.Post([money.Reversed(deposit.ParticipantId, now)]);
                return new EventEffect($"Deposit {deposit.Id} was taken back and is owed.") { Owing = deposit.ParticipantId };
            case DepositRow.Unmatched:
                db.Post([money.Reversed(null, now)]);
                break;
            case DepositRow.Announced:
                db.Post([Freed(deposit, deposit.ParticipantId!.Value, now)]);
                break;
        }
        return new EventEffect($"Deposit {deposit.Id} was taken back.");
    }

    private static Transfer Freed(DepositRow deposit, Guid owner, DateTimeOffset now)
    {
        var money = new IncomingMoney(deposit.Id, new Money(deposit.AmountMicros));
        return deposit.BookedTime + IncomingMoney.Patience > now ? money.Failed(owner, now) : money.Expired(owner, now);
    }

    private DepositRow Add(RailEvent happened, Guid? owner, string state, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        var deposit = new DepositRow
        {
            Id = id,
            RequestId = RequestId(happened),
            ParticipantId = owner,
            AmountMicros = happened.Amount.Micros,
            BookedTime = now,
            CommandId = Asks.IdFor($"deposit {id}"),
            State = state,
            Rail = happened.Rail,
            RailReference = happened.RailReference,
        };
        db.Deposits.Add(deposit);
        _known.Add(happened.RailReference, deposit);
        return deposit;
    }

    private void SetAmount(DepositRow deposit, Money amount) => db.Entry(deposit).Property(row => row.AmountMicros).CurrentValue = amount.Micros;

    private Guid? OwnerOf(RailEvent happened) =>
        DepositReference.TryFind(happened.Reference, out var reference) ? _owners.GetValueOrDefault(reference.Value) : null;

    /// <summary>The participants of these references. If two had the same, neither is meant.</summary>
    private async Task<Dictionary<DepositReference, Guid?>> Owners(IReadOnlyCollection<DepositReference> references, CancellationToken cancel)
    {
        if (references.Count == 0) return [];

        // 64 bits of the hash stand in the index; the reference is the first 60 of them.
        var from = references.Select(reference => Bytes(reference, 0)).ToArray();
        var through = references.Select(reference => Bytes(reference, 15)).ToArray();
        var owners = await db.Database.SqlQuery<Guid>(
            $"""
            SELECT account.owner_id AS "Value"
            FROM unnest({from}, {through}) AS named (first, last)
            JOIN settlement.accounts AS account
                ON account.kind = 'transit' AND substring(sha256(uuid_send(account.owner_id)) for 8) BETWEEN named.first AND named.last
            """).ToListAsync(cancel);
        return owners.GroupBy(DepositReference.Of).ToDictionary(same => same.Key, same => same.Count() == 1 ? same.Single() : (Guid?)null);
    }

    private static byte[] Bytes(DepositReference reference, ulong rest)
    {
        var bytes = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)reference.Bits << 4) | rest);
        return bytes;
    }

    private static Guid RequestId(RailEvent happened) => DerivedId.From("deposit", happened.Rail, happened.RailReference);

    private static DepositStanding Standing(DepositRow? deposit) => deposit?.State switch
    {
        null => DepositStanding.None,
        DepositRow.Announced => DepositStanding.Announced,
        DepositRow.Booked => DepositStanding.Booked,
        DepositRow.Returned => DepositStanding.Returned,
        DepositRow.Failed => DepositStanding.Failed,
        DepositRow.Reversed => DepositStanding.Reversed,
        DepositRow.Unmatched => DepositStanding.Unmatched,
        var other => throw new UnreachableException($"A deposit cannot be {other}."),
    };
}
