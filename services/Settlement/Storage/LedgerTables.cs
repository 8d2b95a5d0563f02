using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.Settlement.Storage;

internal sealed class AccountTable : IEntityTypeConfiguration<AccountRow>
{
    public void Configure(EntityTypeBuilder<AccountRow> builder)
    {
        builder.ToTable("accounts", table =>
        {
            table.HasCheckConstraint("accounts_kind", "kind IN ('bank', 'transit', 'collateral', 'escrow', 'earnings', 'fees', 'suspense', 'receivable', 'tax')");
            table.HasCheckConstraint("accounts_not_negative", "balance_micros - pending_out_micros >= floor_micros");
            table.HasCheckConstraint("accounts_not_above", "balance_micros + pending_in_micros <= ceiling_micros");
            table.HasCheckConstraint("accounts_pending", "pending_out_micros >= 0 AND pending_in_micros >= 0");

            // The outside world, and what is owed to the exchange, alone may be negative.
            table.HasCheckConstraint("accounts_floor", "(floor_micros IS NOT NULL AND floor_micros >= 0) OR kind IN ('bank', 'receivable')");
        });
        builder.HasKey(account => account.Name);
        builder.Property(account => account.Name).HasColumnName("name").HasMaxLength(60);
        builder.Property(account => account.Kind).HasColumnName("kind").HasMaxLength(20);
        builder.Property(account => account.OwnerId).HasColumnName("owner_id");
        builder.Property(account => account.BalanceMicros).HasColumnName("balance_micros").HasDefaultValue(0L);
        builder.Property(account => account.PendingOutMicros).HasColumnName("pending_out_micros").HasDefaultValue(0L);
        builder.Property(account => account.PendingInMicros).HasColumnName("pending_in_micros").HasDefaultValue(0L);
        builder.Property(account => account.FloorMicros).HasColumnName("floor_micros");
        builder.Property(account => account.CeilingMicros).HasColumnName("ceiling_micros");
        builder.HasIndex(account => account.OwnerId).HasDatabaseName("accounts_of_owner");
    }
}

internal sealed class TransferTable : IEntityTypeConfiguration<TransferRow>
{
    public void Configure(EntityTypeBuilder<TransferRow> builder)
    {
        builder.ToTable("transfers", table =>
        {
            table.HasCheckConstraint("transfers_amount", "amount_micros > 0");
            table.HasCheckConstraint("transfers_two_accounts", "debit_account <> credit_account");
            table.HasCheckConstraint("transfers_phase", "phase BETWEEN 0 AND 4 AND (phase >= 2) = (pending_number IS NOT NULL)");
            table.HasCheckConstraint("transfers_expiry", "expires_time IS NULL OR phase = 1");
        });
        builder.HasKey(transfer => transfer.Number);
        builder.Property(transfer => transfer.Number).HasColumnName("number").ValueGeneratedNever();
        builder.Property(transfer => transfer.Phase).HasColumnName("phase").HasConversion<short>();
        builder.Property(transfer => transfer.PendingNumber).HasColumnName("pending_number");
        builder.Property(transfer => transfer.DebitAccount).HasColumnName("debit_account").HasMaxLength(60);
        builder.Property(transfer => transfer.CreditAccount).HasColumnName("credit_account").HasMaxLength(60);
        builder.Property(transfer => transfer.AmountMicros).HasColumnName("amount_micros");
        builder.Property(transfer => transfer.Kind).HasColumnName("kind").HasMaxLength(40);
        builder.Property(transfer => transfer.Cause).HasColumnName("cause").HasMaxLength(120);
        builder.Property(transfer => transfer.HappenedTime).HasColumnName("happened_time");
        builder.Property(transfer => transfer.RecordedTime).HasColumnName("recorded_time");
        builder.Property(transfer => transfer.FeedNumber).HasColumnName("feed_number");
        builder.Property(transfer => transfer.ExpiresTime).HasColumnName("expires_time");
        builder.Property(transfer => transfer.Hash).HasColumnName("hash");
        builder.Property(transfer => transfer.DebitOwnerId).HasColumnName("debit_owner_id");
        builder.Property(transfer => transfer.CreditOwnerId).HasColumnName("credit_owner_id");

        // The key of a transfer: its cause moves it once.
        builder.HasIndex(transfer => new { transfer.Cause, transfer.Kind }).IsUnique().HasDatabaseName("transfers_once");
        builder.HasIndex(transfer => new { transfer.DebitOwnerId, transfer.Number }).HasDatabaseName("transfers_from_owner");
        builder.HasIndex(transfer => new { transfer.CreditOwnerId, transfer.Number }).HasDatabaseName("transfers_to_owner");

        // What was set aside is ended once.
        builder.HasIndex(transfer => transfer.PendingNumber).IsUnique().HasFilter("pending_number IS NOT NULL").HasDatabaseName("transfers_end_once");
        builder.HasIndex(transfer => transfer.Number).HasFilter("phase = 1").HasDatabaseName("transfers_pending");

        // These grow with the table: a few pages each, for what happened after a number or a time.
        builder.HasIndex(transfer => transfer.FeedNumber).HasMethod("brin").HasDatabaseName("transfers_by_feed_number");
        builder.HasIndex(transfer => transfer.HappenedTime).HasMethod("brin").HasDatabaseName("transfers_by_time");
        builder.HasIndex(transfer => transfer.RecordedTime).HasMethod("brin").HasDatabaseName("transfers_by_recorded_time");
    }
}

internal sealed class LedgerHeadTable : IEntityTypeConfiguration<LedgerHeadRow>
{
    public void Configure(EntityTypeBuilder<LedgerHeadRow> builder)
    {
        builder.ToTable("ledger_head", table => table.HasCheckConstraint("ledger_head_one", "id = 1"));
        builder.HasKey(head => head.Id);
        builder.Property(head => head.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(head => head.LastNumber).HasColumnName("last_number");
        builder.Property(head => head.LastHash).HasColumnName("last_hash");
        builder.Property(head => head.RecordedTime).HasColumnName("recorded_time");
    }
}
