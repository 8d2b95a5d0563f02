using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.Settlement.Storage;

internal sealed class DepositTable : IEntityTypeConfiguration<DepositRow>
{
    /// <summary>Of two equal requests that race, one commits. A line of the bank's statement is one, whoever books it.</summary>
    public const string Once = "deposits_once";

    public void Configure(EntityTypeBuilder<DepositRow> builder)
    {
        builder.ToTable("deposits", table =>
        {
            table.HasCheckConstraint("deposits_state", "state IN ('ANNOUNCED', 'BOOKED', 'RETURNED', 'FAILED', 'REVERSED', 'UNMATCHED')");
            table.HasCheckConstraint("deposits_owner", "participant_id IS NOT NULL OR state IN ('UNMATCHED', 'FAILED', 'REVERSED')");
        });
        builder.HasKey(deposit => deposit.Id);
        builder.Property(deposit => deposit.Id).HasColumnName("deposit_id").ValueGeneratedNever();
        builder.Property(deposit => deposit.RequestId).HasColumnName("request_id");
        builder.Property(deposit => deposit.ParticipantId).HasColumnName("participant_id");
        builder.Property(deposit => deposit.AmountMicros).HasColumnName("amount_micros");
        builder.Property(deposit => deposit.OperatorId).HasColumnName("operator_id");
        builder.Property(deposit => deposit.BookedTime).HasColumnName("booked_time");
        builder.Property(deposit => deposit.CommandId).HasColumnName("command_id");
        builder.Property(deposit => deposit.State).HasColumnName("state").HasMaxLength(20).HasDefaultValue(DepositRow.Booked);
        builder.Property(deposit => deposit.Rail).HasColumnName("rail").HasMaxLength(20).HasDefaultValue(DepositRow.ManualRail);
        builder.Property(deposit => deposit.RailReference).HasColumnName("rail_reference").HasMaxLength(100).HasDefaultValue("");
        builder.Property<uint>("xmin").IsRowVersion();
        builder.HasIndex(deposit => deposit.RequestId).IsUnique().HasDatabaseName(Once);
        builder.HasIndex(deposit => deposit.CommandId).IsUnique().HasDatabaseName("deposits_by_command");
    }
}

internal sealed class WithdrawalTable : IEntityTypeConfiguration<WithdrawalRow>
{
    /// <summary>Of two equal requests that race, one commits.</summary>
    public const string Once = "withdrawals_once";

    public void Configure(EntityTypeBuilder<WithdrawalRow> builder)
    {
        builder.ToTable("withdrawals", table => table.HasCheckConstraint(
            "withdrawals_state",
            "state IN ('PENDING', 'REFUSED', 'AWAITING_APPROVAL', 'READY', 'SENT', 'PAID', 'FAILED', 'REVERSED', 'REJECTED')"));
        builder.HasKey(withdrawal => withdrawal.Id);
        builder.Property(withdrawal => withdrawal.Id).HasColumnName("withdrawal_id").ValueGeneratedNever();
        builder.Property(withdrawal => withdrawal.ParticipantId).HasColumnName("participant_id");
        builder.Property(withdrawal => withdrawal.RequestId).HasColumnName("request_id");
        builder.Property(withdrawal => withdrawal.AmountMicros).HasColumnName("amount_micros");
        builder.Property(withdrawal => withdrawal.DestinationId).HasColumnName("destination_id");
        builder.Property(withdrawal => withdrawal.State).HasColumnName("state").HasMaxLength(20);
        builder.Property(withdrawal => withdrawal.Explanation).HasColumnName("explanation").HasMaxLength(300);
        builder.Property<uint>("xmin").IsRowVersion();
        builder.Property(withdrawal => withdrawal.RequestedTime).HasColumnName("requested_time");
        builder.Property(withdrawal => withdrawal.CommandId).HasColumnName("command_id");
        builder.HasIndex(withdrawal => new { withdrawal.ParticipantId, withdrawal.RequestId }).IsUnique().HasDatabaseName(Once);
        builder.HasIndex(withdrawal => withdrawal.CommandId).IsUnique().HasDatabaseName("withdrawals_by_command");
    }
}

internal sealed class LeaseTable : IEntityTypeConfiguration<LeaseRow>
{
    public void Configure(EntityTypeBuilder<LeaseRow> builder)
    {
        builder.ToTable("leases");
        builder.HasKey(lease => lease.LeaseId);
        builder.Property(lease => lease.LeaseId).HasColumnName("lease_id").ValueGeneratedNever();
        builder.Property(lease => lease.RunId).HasColumnName("run_id");
        builder.Property(lease => lease.BuyerId).HasColumnName("buyer_id");
        builder.Property(lease => lease.ProviderId).HasColumnName("provider_id");
        builder.Property(lease => lease.Market).HasColumnName("market");
        builder.Property(lease => lease.TraceParent).HasColumnName("trace_parent").HasMaxLength(55);
    }
}

internal sealed class LeaseSlotTable : IEntityTypeConfiguration<LeaseSlotRow>
{
    public void Configure(EntityTypeBuilder<LeaseSlotRow> builder)
    {
        builder.ToTable("lease_slots");
        builder.HasKey(slot => new { slot.LeaseId, slot.SlotIndex });
        builder.Property(slot => slot.LeaseId).HasColumnName("lease_id");
        builder.Property(slot => slot.SlotIndex).HasColumnName("slot_index");
        builder.Property(slot => slot.FromTime).HasColumnName("from_time");
        builder.Property(slot => slot.ToTime).HasColumnName("to_time");
        builder.Property(slot => slot.PriceMicrosPerGpuHour).HasColumnName("price_micros_per_gpu_hour");
        builder.Property(slot => slot.CostMicros).HasColumnName("cost_micros");
        builder.Property(slot => slot.BuyerFeeMicros).HasColumnName("buyer_fee_micros");
        builder.Property(slot => slot.SellerFeeMicros).HasColumnName("seller_fee_micros");
        builder.Property(slot => slot.BondMicros).HasColumnName("bond_micros");
        builder.Property(slot => slot.MeteredTime).HasColumnName("metered_time");
        builder.Property(slot => slot.SoldGpuSeconds).HasColumnName("sold_gpu_seconds");
        builder.Property(slot => slot.DeliveredGpuSeconds).HasColumnName("delivered_gpu_seconds");
        builder.Property(slot => slot.UnnotifiedGpuSeconds).HasColumnName("unnotified_gpu_seconds");
        builder.Property(slot => slot.ReferenceMicrosPerGpuHour).HasColumnName("reference_micros_per_gpu_hour");
        builder.Property(slot => slot.CorrectedGpuSeconds).HasColumnName("corrected_gpu_seconds");
        builder.Property(slot => slot.CorrectedCompensationMicros).HasColumnName("corrected_compensation_micros");
        builder.Property(slot => slot.CompensationMicros).HasColumnName("compensation_micros");
        builder.Property(slot => slot.CompensatedMicros).HasColumnName("compensated_micros");
        builder.HasOne(slot => slot.Lease).WithMany().HasForeignKey(slot => slot.LeaseId).OnDelete(DeleteBehavior.Restrict);

        // What is in escrow, for the reconciler.
        builder.HasIndex(slot => slot.LeaseId).HasFilter("metered_time IS NULL").HasDatabaseName("lease_slots_in_escrow");
    }
}

internal sealed class DeliveryCorrectionTable : IEntityTypeConfiguration<DeliveryCorrectionRow>
{
    public void Configure(EntityTypeBuilder<DeliveryCorrectionRow> builder)
    {
        builder.ToTable("delivery_corrections");
        builder.HasKey(correction => new { correction.DisputeId, correction.LeaseId, correction.SlotIndex });
        builder.Property(correction => correction.DisputeId).HasColumnName("dispute_id");
        builder.Property(correction => correction.LeaseId).HasColumnName("lease_id");
        builder.Property(correction => correction.SlotIndex).HasColumnName("slot_index");
        builder.Property(correction => correction.CorrectedTime).HasColumnName("corrected_time");
        builder.Property(correction => correction.DeliveredBeforeGpuSeconds).HasColumnName("delivered_before_gpu_seconds");
        builder.Property(correction => correction.DeliveredGpuSeconds).HasColumnName("delivered_gpu_seconds");
        builder.Property(correction => correction.ToBuyerMicros).HasColumnName("to_buyer_micros");
        builder.Property(correction => correction.Reason).HasColumnName("reason");
        builder.HasOne<LeaseSlotRow>().WithMany().HasForeignKey(correction => new { correction.LeaseId, correction.SlotIndex }).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class ReferencePriceTable : IEntityTypeConfiguration<ReferencePriceRow>
{
    public void Configure(EntityTypeBuilder<ReferencePriceRow> builder)
    {
        builder.ToTable("reference_prices");
        builder.HasKey(price => new { price.Market, price.SlotTime });
        builder.Property(price => price.Market).HasColumnName("market");
        builder.Property(price => price.SlotTime).HasColumnName("slot_time");
        builder.Property(price => price.PriceMicrosPerGpuHour).HasColumnName("price_micros_per_gpu_hour");
        builder.Property(price => price.RunId).HasColumnName("run_id");
    }
}

internal sealed class PayoutTable : IEntityTypeConfiguration<PayoutRow>
{
    public void Configure(EntityTypeBuilder<PayoutRow> builder)
    {
        builder.ToTable("payouts");
        builder.HasKey(payout => payout.Id);
        builder.Property(payout => payout.Id).HasColumnName("payout_id").ValueGeneratedNever();
        builder.Property(payout => payout.ProviderId).HasColumnName("provider_id");
        builder.Property(payout => payout.Day).HasColumnName("day");
        builder.Property(payout => payout.AmountMicros).HasColumnName("amount_micros");
        builder.Property(payout => payout.PaidTime).HasColumnName("paid_time");

        // A provider is paid once a day, whoever asks how often.
        builder.HasIndex(payout => new { payout.ProviderId, payout.Day }).IsUnique().HasDatabaseName("payouts_once");
    }
}
