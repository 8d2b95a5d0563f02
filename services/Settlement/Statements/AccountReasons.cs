using System.Globalization;
using ComputeExchange.MatchingEngine.V1;
using ComputeExchange.Settlement.Domain;
using ComputeExchange.Settlement.Payouts;
using ComputeExchange.Settlement.Rails;
using ComputeExchange.Settlement.Storage;
using ComputeExchange.Settlement.V1;
using Microsoft.EntityFrameworkCore;

namespace ComputeExchange.Settlement.Statements;

/// <summary>Why each balance of a participant is what it is: parts that add up to it, each with a sentence.</summary>
public sealed class AccountReasons(SettlementDb db, LedgerExtracts ledger, RailBook rails, TimeProvider clock)
{
    /// <summary>How many parts of one balance are named; the rest is one part.</summary>
    private const int NamedMost = 200;

    /// <param name="accounts">The participant's accounts.</param>
    /// <param name="held">What the engine holds of the tradable money.</param>
    /// <param name="participant">Whose.</param>
    /// <param name="cancel">When nobody waits for it any more.</param>
    public async Task<IReadOnlyList<AmountReason>> Of(Guid participant, IReadOnlyList<AccountRow> accounts, Holding held, CancellationToken cancel)
    {
        var of = accounts.ToLookup(account => account.Kind);
        return
        [
            .. Parts("free", held.FreeMicros, [], "Can be bid with, offered on, or withdrawn"),
            .. Parts("reserved", held.ReservedMicros + held.MarginMicros, held.Reservations.Select(ReservedFor), "Reserved in the engine"),
            .. Parts("bond", held.BondMicros, held.Bonds.Select(BondFor), "Bonds in the engine"),
            .. Parts("escrow", Sum(of[AccountKinds.Escrow]), await Escrow(participant, of[AccountKinds.Escrow], cancel), "Paid for leases"),
            .. Parts("earnings", Sum(of[AccountKinds.Earnings]), await Earnings(participant, Sum(of[AccountKinds.Earnings]), cancel), "Earned"),
            .. Parts("transit", Sum(of[AccountKinds.Transit]), await Transit(participant, of[AccountKinds.Transit], cancel), "On its way into trading: deposits, refunds and compensation that the engine has not taken yet"),
            .. Parts("set_aside", accounts.Sum(account => account.PendingOutMicros), await SetAside(participant, cancel), "Set aside for payments"),
            .. Parts("owed", -Sum(of[AccountKinds.Receivable]), [], "Deposits that the bank took back after they were spent, and corrected deliveries: pay them in"),
        ];
    }

    /// <summary>The parts that are known, and one for what is left, so that they add up.</summary>
    private static IEnumerable<AmountReason> Parts(string balance, long micros, IEnumerable<Part> known, string otherwise)
    {
        var named = known.Where(part => part.Micros != 0).Take(NamedMost).ToList();
        var left = micros - named.Sum(part => part.Micros);
        if (left != 0) named.Add(new Part(left, named.Count == 0 ? otherwise : $"{otherwise}, what is left", ""));
        return named.Select(part => new AmountReason { Balance = balance, AmountMicros = part.Micros, Text = part.Text, Cause = part.Cause });
    }

    private static Part ReservedFor(Reservation reserved)
    {
        var bid = Whole(reserved.BidId);
        return reserved.Reason switch
        {
            ReservationReason.Bid => new Part(reserved.AmountMicros, $"Bid {bid}: its limit for all that it still wants, and the fee", $"bid {bid}"),
            ReservationReason.Block => new Part(reserved.AmountMicros, $"Block bid {bid}: its limit for its whole run, and the fee", $"bid {bid}"),
            ReservationReason.StandingBid => new Part(reserved.AmountMicros, $"Standing bid {bid}: its limit for its next hours, and the fee", $"bid {bid}"),
            ReservationReason.Position => new Part(reserved.AmountMicros, $"Margin of the position in {reserved.Instrument}", $"instrument {reserved.Instrument}"),
            ReservationReason.OpenOrders => new Part(reserved.AmountMicros, $"Margin that open orders in {reserved.Instrument} can come to need", $"instrument {reserved.Instrument}"),
            ReservationReason.UnsettledLoss => new Part(reserved.AmountMicros, "What futures lost since they were last settled", ""),
            _ => new Part(reserved.AmountMicros, "Reserved in the engine", ""),
        };
    }

    private static Part BondFor(Bond bond) => bond.LeaseId != 0
        ? new Part(
            bond.AmountMicros, $"Lease {Whole(bond.LeaseId)}, slot {Whole(bond.SlotIndex)}: given back when it is delivered",
            Postings.CauseOf(bond.LeaseId, bond.SlotIndex))
        : new Part(bond.AmountMicros, $"Offer {Whole(bond.OfferId)}: given back when it ends without a sale", $"offer {Whole(bond.OfferId)}");

    private async Task<IReadOnlyList<Part>> Escrow(Guid buyer, IEnumerable<AccountRow> accounts, CancellationToken cancel)
    {
        var held = accounts.Where(account => account.BalanceMicros != 0).ToDictionary(account => account.Name, account => account.BalanceMicros, StringComparer.Ordinal);
        if (held.Count == 0) return [];
        var leases = held.Keys.Select(name => long.Parse(name.AsSpan(AccountKinds.Escrow.Length + 1), CultureInfo.InvariantCulture)).ToList();
        var open = await db.LeaseSlots.AsNoTracking().Where(slot => leases.Contains(slot.LeaseId) && slot.MeteredTime == null)
            .GroupBy(slot => slot.LeaseId).Select(lease => new { lease.Key, Count = lease.Count() }).OrderBy(lease => lease.Key).ToListAsync(cancel);
        return [.. open.Select(lease => new Part(
            held[Account.Escrow(lease.Key, buyer).Name],
            $"Lease {Whole(lease.Key)}: cost and fee of {(lease.Count == 1 ? "1 slot that is" : $"{lease.Count} slots that are")} not metered yet", $"lease {Whole(lease.Key)}"))];
    }

    private async Task<IReadOnlyList<Part>> Earnings(Guid provider, long micros, CancellationToken cancel)
    {
        if (micros == 0) return [];
        var midnight = await ledger.LastBefore(new DateTimeOffset(clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero), cancel);
        var today = await db.Transfers.Where(transfer => transfer.CreditOwnerId == provider && transfer.Number > midnight && transfer.Kind == TransferKinds.Earned)
            .SumAsync(transfer => transfer.AmountMicros, cancel);
        today = Math.Min(today, micros);
        return
        [
            new Part(micros - today, $"Earned before today (UTC): {await db.NextPayout(rails.InUse, provider, clock.GetUtcNow(), cancel)}", ""),
            new Part(today, "Earned since midnight (UTC): paid out tomorrow", ""),
        ];
    }

    private async Task<IReadOnlyList<Part>> Transit(Guid participant, IEnumerable<AccountRow> accounts, CancellationToken cancel)
    {
        var waiting = await db.Withdrawals.AsNoTracking()
            .Where(withdrawal => withdrawal.ParticipantId == participant && withdrawal.State == WithdrawalRow.AwaitingApproval)
            .OrderBy(withdrawal => withdrawal.RequestedTime).ToListAsync(cancel);
        return
        [
            .. accounts.Select(account => new Part(account.PendingOutMicros, "Set aside for withdrawals that are not paid yet", "")),
            .. waiting.Select(withdrawal => new Part(
                withdrawal.AmountMicros, $"The withdrawal of {withdrawal.RequestedTime:yyyy-MM-dd}: waits for two operators", $"withdrawal {withdrawal.Id}")),
        ];
    }

    private async Task<IReadOnlyList<Part>> SetAside(Guid participant, CancellationToken cancel)
    {
        var open = await db.Payments.AsNoTracking()
            .Where(payment => payment.ParticipantId == participant && (payment.State == PaymentRow.Ready || payment.State == PaymentRow.Sent))
            .OrderBy(payment => payment.CreatedTime).ToListAsync(cancel);
        return
        [
            .. open.Select(payment =>
            {
                var what = payment.Purpose == PaymentRow.Withdrawal ? "withdrawal" : "payout";
                return new Part(
                    payment.AmountMicros, $"The {what} of {payment.CreatedTime:yyyy-MM-dd}: {(payment.State == PaymentRow.Ready ? "waits to be sent" : "on its way to the bank")}",
                    $"{what} {payment.Id}");
            }),
        ];
    }

    private static long Sum(IEnumerable<AccountRow> accounts) => accounts.Sum(account => account.BalanceMicros);

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Part(long Micros, string Text, string Cause);
}
