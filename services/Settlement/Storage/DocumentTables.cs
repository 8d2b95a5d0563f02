using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.Settlement.Storage;

internal sealed class FeeScheduleTable : IEntityTypeConfiguration<FeeScheduleRow>
{
    public void Configure(EntityTypeBuilder<FeeScheduleRow> builder)
    {
        builder.ToTable("fee_schedules");
        builder.HasKey(schedule => schedule.FromDay);
        builder.Property(schedule => schedule.FromDay).HasColumnName("from_day");
        builder.Property(schedule => schedule.Tiers).HasColumnName("tiers").HasColumnType("jsonb");
    }
}

internal sealed class ParticipantFeesTable : IEntityTypeConfiguration<ParticipantFeesRow>
{
    public void Configure(EntityTypeBuilder<ParticipantFeesRow> builder)
    {
        builder.ToTable("participant_fees");
        builder.HasKey(fees => fees.ParticipantId);
        builder.Property(fees => fees.ParticipantId).HasColumnName("participant_id").ValueGeneratedNever();
        builder.Property(fees => fees.BuyerPpm).HasColumnName("buyer_ppm");
        builder.Property(fees => fees.SellerPpm).HasColumnName("seller_ppm");
        builder.Property(fees => fees.VolumeMicros).HasColumnName("volume_micros");
        builder.Property(fees => fees.Day).HasColumnName("day");
    }
}

internal sealed class TaxRateTable : IEntityTypeConfiguration<TaxRateRow>
{
    public void Configure(EntityTypeBuilder<TaxRateRow> builder)
    {
        builder.ToTable("tax_rates", table => table.HasCheckConstraint("tax_rates_rate", "rate_ppm BETWEEN 0 AND 500000"));
        builder.HasKey(rate => new { rate.TaxCode, rate.FromDay });
        builder.Property(rate => rate.TaxCode).HasColumnName("tax_code").HasMaxLength(10);
        builder.Property(rate => rate.FromDay).HasColumnName("from_day");
        builder.Property(rate => rate.RatePpm).HasColumnName("rate_ppm");
    }
}

internal sealed class TaxCodeTable : IEntityTypeConfiguration<TaxCodeRow>
{
    public void Configure(EntityTypeBuilder<TaxCodeRow> builder)
    {
        builder.ToTable("tax_codes");
        builder.HasKey(code => code.ParticipantId);
        builder.Property(code => code.ParticipantId).HasColumnName("participant_id").ValueGeneratedNever();
        builder.Property(code => code.TaxCode).HasColumnName("tax_code").HasMaxLength(10);
    }
}

internal sealed class DocumentTable : IEntityTypeConfiguration<DocumentRow>
{
    /// <summary>One document of a kind for a participant and a period.</summary>
    public const string Once = "documents_once";

    public void Configure(EntityTypeBuilder<DocumentRow> builder)
    {
        builder.ToTable("documents", table =>
        {
            table.HasCheckConstraint("documents_kind", "kind IN ('INVOICE', 'PAYOUT_STATEMENT', 'STATEMENT')");
            table.HasCheckConstraint("documents_period", "from_day < to_day");
        });
        builder.HasKey(document => document.Id);
        builder.Property(document => document.Id).HasColumnName("document_id").ValueGeneratedNever();
        builder.Property(document => document.Number).HasColumnName("number").HasMaxLength(40);
        builder.Property(document => document.Kind).HasColumnName("kind").HasMaxLength(20);
        builder.Property(document => document.ParticipantId).HasColumnName("participant_id");
        builder.Property(document => document.FromDay).HasColumnName("from_day");
        builder.Property(document => document.ToDay).HasColumnName("to_day");
        builder.Property(document => document.ThroughNumber).HasColumnName("through_number");
        builder.Property(document => document.TotalMicros).HasColumnName("total_micros");
        builder.Property(document => document.Body).HasColumnName("body");
        builder.Property(document => document.CreatedTime).HasColumnName("created_time");
        builder.HasIndex(document => document.Number).IsUnique().HasDatabaseName("documents_by_number");
        builder.HasIndex(document => new { document.ParticipantId, document.Kind, document.FromDay, document.ToDay }).IsUnique().HasDatabaseName(Once);
    }
}
