using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.OrderBook.Storage;

/// <summary>The buyer's fee of a participant that has one of its own.</summary>
public sealed class FeeRow
{
    public Guid ParticipantId { get; set; }

    /// <summary>In parts per million of the cost; null where the market's holds again.</summary>
    public int? BuyerFeePpm { get; set; }
}

internal sealed class FeeConfiguration : IEntityTypeConfiguration<FeeRow>
{
    public void Configure(EntityTypeBuilder<FeeRow> fee)
    {
        fee.ToTable("fees");
        fee.HasKey(f => f.ParticipantId);
        fee.Property(f => f.ParticipantId).HasColumnName("participant_id").ValueGeneratedNever();
        fee.Property(f => f.BuyerFeePpm).HasColumnName("buyer_fee_ppm");
    }
}
