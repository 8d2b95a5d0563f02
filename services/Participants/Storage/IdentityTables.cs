using ComputeExchange.Participants.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.Participants.Storage;

internal sealed class IdentityTable : IEntityTypeConfiguration<IdentityRow>
{
    public void Configure(EntityTypeBuilder<IdentityRow> identity)
    {
        identity.ToTable("identity_profiles");
        identity.HasKey(i => i.ParticipantId);
        identity.Property(i => i.ParticipantId).HasColumnName("participant_id").ValueGeneratedNever();
        identity.Property(i => i.Name).HasColumnName("name");
        identity.Property(i => i.LegalName).HasColumnName("legal_name").HasDefaultValue("");
        identity.Property(i => i.Email).HasColumnName("email").HasDefaultValue("");
        identity.PrimitiveCollection(i => i.AddressLines).HasColumnName("address_lines").HasDefaultValueSql("'{}'");
        identity.Property(i => i.Country).HasColumnName("country").HasDefaultValue("");
        identity.Property(i => i.TaxNumber).HasColumnName("tax_number").HasDefaultValue("");
        identity.Property(i => i.TaxCode).HasColumnName("tax_code").HasDefaultValue("");
        identity.Property(i => i.ChangedTime).HasColumnName("changed_time");
        identity.HasOne<ParticipantRow>().WithOne(p => p.Identity).HasForeignKey<IdentityRow>(i => i.ParticipantId);
    }
}

internal sealed class DestinationTable : IEntityTypeConfiguration<DestinationRow>
{
    public void Configure(EntityTypeBuilder<DestinationRow> destination)
    {
        destination.ToTable("payment_destinations");
        destination.HasKey(d => d.DestinationId);
        destination.Property(d => d.DestinationId).HasColumnName("destination_id").ValueGeneratedNever();
        destination.Property(d => d.ParticipantId).HasColumnName("participant_id");
        destination.Property(d => d.RequestId).HasColumnName("request_id");
        destination.Property(d => d.AddedTime).HasColumnName("added_time");
        destination.Property(d => d.RemovedTime).HasColumnName("removed_time");
        destination.HasOne<ParticipantRow>().WithMany().HasForeignKey(d => d.ParticipantId);

        // The guard behind request_id: of two equal requests that race, one commits.
        destination.HasIndex(d => new { d.ParticipantId, d.RequestId }).IsUnique();
    }
}

internal sealed class BankDetailsTable : IEntityTypeConfiguration<BankDetailsRow>
{
    public void Configure(EntityTypeBuilder<BankDetailsRow> details)
    {
        details.ToTable("identity_bank_details");
        details.HasKey(d => d.DestinationId);
        details.Property(d => d.DestinationId).HasColumnName("destination_id").ValueGeneratedNever();
        details.Property(d => d.Label).HasColumnName("label");
        details.Property(d => d.Holder).HasColumnName("holder");
        details.Property(d => d.Scheme).HasColumnName("scheme").HasConversion<string>();
        details.Property(d => d.Iban).HasColumnName("iban");
        details.Property(d => d.Bic).HasColumnName("bic");
        details.Property(d => d.RoutingNumber).HasColumnName("routing_number");
        details.Property(d => d.AccountNumber).HasColumnName("account_number");
        details.HasOne<DestinationRow>().WithOne(d => d.Details).HasForeignKey<BankDetailsRow>(d => d.DestinationId);
    }
}

internal sealed class ErasureTable : IEntityTypeConfiguration<ErasureRow>
{
    public void Configure(EntityTypeBuilder<ErasureRow> erasure)
    {
        erasure.ToTable("erasures");
        erasure.HasKey(e => e.ParticipantId);
        erasure.Property(e => e.ParticipantId).HasColumnName("participant_id").ValueGeneratedNever();
        erasure.Property(e => e.AskedTime).HasColumnName("asked_time");
        erasure.Property(e => e.ErasedTime).HasColumnName("erased_time");
        erasure.HasOne<ParticipantRow>().WithOne().HasForeignKey<ErasureRow>(e => e.ParticipantId);
    }
}
