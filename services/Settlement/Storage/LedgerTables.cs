using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.Settlement.Storage;

internal sealed class AccountTable : IEntityTypeConfiguration<AccountRow>
{
    public void Configure(EntityTypeBuilder<AccountRow> builder)
    {
        builder.ToTable("accounts", table =>
        {
            table.HasCheckConstraint("accounts_kind", "kind IN ('bank', 'transit', 'collateral', 'escrow', 'earnings', 'fees')");

            // The outside world alone may owe.
            table.HasCheckConstraint("accounts_not_negative", "balance_micros >= 0 OR kind = 'bank'");
        });
        builder.HasKey(account => account.Name);
        builder.Property(account => account.Name).HasColumnName("name").HasMaxLength(60);
        builder.Property(account => account.Kind).HasColumnName("kind").HasMaxLength(20);
        builder.Property(account => account.OwnerId).HasColumnName("owner_id");
        builder.Property(account => account.BalanceMicros).HasColumnName("balance_micros");
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
        });
        builder.HasKey(transfer => transfer.Number);
        builder.Property(transfer => transfer.Number).HasColumnName("number").UseIdentityAlwaysColumn();
        builder.Property(transfer => transfer.DebitAccount).HasColumnName("debit_account").HasMaxLength(60);
        builder.Property(transfer => transfer.CreditAccount).HasColumnName("credit_account").HasMaxLength(60);
        builder.Property(transfer => transfer.AmountMicros).HasColumnName("amount_micros");
        builder.Property(transfer => transfer.Kind).HasColumnName("kind").HasMaxLength(40);
        builder.Property(transfer => transfer.Cause).HasColumnName("cause").HasMaxLength(120);
        builder.Property(transfer => transfer.HappenedTime).HasColumnName("happened_time");
        builder.Property(transfer => transfer.FeedNumber).HasColumnName("feed_number");
        builder.Property(transfer => transfer.DebitOwnerId).HasColumnName("debit_owner_id");
        builder.Property(transfer => transfer.CreditOwnerId).HasColumnName("credit_owner_id");

        // The key of a transfer: its cause moves it once.
        builder.HasIndex(transfer => new { transfer.Cause, transfer.Kind }).IsUnique().HasDatabaseName("transfers_once");
        builder.HasIndex(transfer => new { transfer.DebitOwnerId, transfer.Number }).HasDatabaseName("transfers_from_owner");
        builder.HasIndex(transfer => new { transfer.CreditOwnerId, transfer.Number }).HasDatabaseName("transfers_to_owner");

        // Both grow with the table: a few pages each, for what happened after a number or a time.
        builder.HasIndex(transfer => transfer.FeedNumber).HasMethod("brin").HasDatabaseName("transfers_by_feed_number");
        builder.HasIndex(transfer => transfer.HappenedTime).HasMethod("brin").HasDatabaseName("transfers_by_time");
    }
}
