using ComputeExchange.Values.Ledger;

namespace ComputeExchange.Settlement.Domain.Documents;

/// <summary>What a transfer is, in words for the people whose money it is.</summary>
public static class Sentences
{
    /// <summary>A sentence without its full stop, for example "Delivered: lease 55 slot 3".</summary>
    public static string Of(TransferRecord transfer) => transfer.Kind switch
    {
        TransferKinds.Deposit => "Deposit from the bank",
        TransferKinds.DepositAnnounced => "Deposit announced by the bank: to come",
        TransferKinds.DepositFailed => "Deposit that was announced failed: it does not come",
        TransferKinds.DepositExpired => "Deposit that was announced did not come in time",
        TransferKinds.DepositAssigned => "Deposit from the bank, found to be yours",
        TransferKinds.DepositReversed => "Deposit taken back by the bank",
        TransferKinds.DepositReturned => "Deposit sent back to the bank",
        TransferKinds.MadeTradable => "Made tradable",
        TransferKinds.TakenFromTrading => "Taken out of trading",
        TransferKinds.Withdrawal when transfer.Phase == TransferPhase.Pending => "Withdrawal: set aside until the bank has it",
        TransferKinds.Withdrawal or TransferKinds.WithdrawalPaid => "Withdrawal to the bank",
        TransferKinds.WithdrawalFailed => "Withdrawal failed: no longer set aside",
        TransferKinds.WithdrawalReturned => "Withdrawal came back from the bank",
        TransferKinds.WithdrawalPaidAfterAll => "Withdrawal paid after it was said to have failed: owed to the exchange",
        TransferKinds.LeasePaid => $"Paid for lease {After(transfer.Credit)} into escrow",
        TransferKinds.Earned => $"Delivered: {transfer.Cause}",
        TransferKinds.BuyerFee => $"Buyer's fee for {transfer.Cause}",
        TransferKinds.BuyerFeeTax => $"Tax {After(transfer.Credit)} in the buyer's fee for {transfer.Cause}",
        TransferKinds.SellerFee => $"Seller's fee for {transfer.Cause}, out of the price",
        TransferKinds.SellerFeeTax => $"Tax {After(transfer.Credit)} in the seller's fee for {transfer.Cause}, out of the price",
        TransferKinds.Refund => $"Given back, not delivered: {transfer.Cause}",
        TransferKinds.Compensation => "Compensation for hours not delivered, out of the provider's bond",
        TransferKinds.Payout when transfer.Phase == TransferPhase.Pending => "Payout: set aside until the bank has it",
        TransferKinds.Payout or TransferKinds.PayoutPaid => "Payout to the bank",
        TransferKinds.PayoutFailed => "Payout failed: no longer set aside",
        TransferKinds.PayoutReturned => "Payout came back from the bank",
        TransferKinds.PayoutPaidAfterAll => "Payout paid after it was said to have failed: owed to the exchange",
        TransferKinds.DebtRecovered => "Paid back of what was owed to the exchange",
        TransferKinds.EarnedCorrected => $"What was delivered counts otherwise: {transfer.Cause}",
        TransferKinds.CompensationCorrected => $"Compensation for what was not delivered, corrected: {transfer.Cause}",
        TransferKinds.BuyerFeeCorrected => $"Buyer's fee corrected: {transfer.Cause}",
        TransferKinds.BuyerFeeTaxCorrected => $"Tax in the buyer's fee corrected: {transfer.Cause}",
        TransferKinds.SellerFeeCorrected => $"Seller's fee corrected: {transfer.Cause}",
        TransferKinds.SellerFeeTaxCorrected => $"Tax in the seller's fee corrected: {transfer.Cause}",
        TransferKinds.CorrectionEarnings or TransferKinds.BuyerCorrectionEarnings => $"Taken from earnings for a corrected delivery: {transfer.Cause}",
        TransferKinds.CorrectionOwed or TransferKinds.BuyerCorrectionOwed => $"Owed to the exchange for a corrected delivery: {transfer.Cause}",
        TransferKinds.Correction => $"Correction by two operators ({transfer.Cause})",

        // Kinds are words that people read: one without a sentence of its own is its own.
        var kind => $"{char.ToUpperInvariant(kind[0])}{kind[1..]} ({transfer.Cause}){Aside(transfer.Phase)}",
    };

    private static string Aside(TransferPhase phase) => phase switch
    {
        TransferPhase.Pending => ": set aside",
        TransferPhase.Void or TransferPhase.Expire => ": no longer set aside",
        _ => "",
    };

    /// <summary>What an account's name says after its kind.</summary>
    private static string After(string account) => account[(account.IndexOf(':', StringComparison.Ordinal) + 1)..];
}
