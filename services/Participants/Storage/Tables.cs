using ComputeExchange.Participants.Domain;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.Participants.Storage;

internal sealed class ParticipantTable : IEntityTypeConfiguration<ParticipantRow>
{
    public void Configure(EntityTypeBuilder<ParticipantRow> participant)
    {
        participant.ToTable("participants");
        participant.HasKey(p => p.ParticipantId);
        participant.Property(p => p.ParticipantId).HasColumnName("participant_id").ValueGeneratedNever();
        participant.Ignore(p => p.Name);
        participant.PrimitiveCollection(p => p.Roles).HasColumnName("roles").ElementType(role => role.HasConversion<string>());
        participant.Property(p => p.Active).HasColumnName("active");
        participant.Property(p => p.AdmittedTime).HasColumnName("admitted_time");
        participant.Property(p => p.AdmittedBy).HasColumnName("admitted_by");
        participant.Property(p => p.RequestId).HasColumnName("request_id");

        // The guard behind request_id: of two equal requests that race, one commits.
        participant.HasIndex(p => new { p.AdmittedBy, p.RequestId }).IsUnique();
        participant.HasIndex(p => new { p.AdmittedTime, p.ParticipantId });
    }
}

internal sealed class StateRequestTable : IEntityTypeConfiguration<StateRequestRow>
{
    public void Configure(EntityTypeBuilder<StateRequestRow> request)
    {
        request.ToTable("state_requests");
        request.HasKey(r => new { r.OperatorId, r.RequestId });
        request.Property(r => r.OperatorId).HasColumnName("operator_id");
        request.Property(r => r.RequestId).HasColumnName("request_id");
        request.Property(r => r.ParticipantId).HasColumnName("participant_id");
        request.Property(r => r.Active).HasColumnName("active");
    }
}

internal sealed class ApiKeyTable : IEntityTypeConfiguration<ApiKeyRow>
{
    public void Configure(EntityTypeBuilder<ApiKeyRow> key)
    {
        key.ToTable("api_keys");
        key.HasKey(k => k.KeyId);
        key.Property(k => k.KeyId).HasColumnName("key_id");
        key.Property(k => k.ParticipantId).HasColumnName("participant_id");
        key.Property(k => k.Label).HasColumnName("label");
        key.Property(k => k.Hash).HasColumnName("hash");
        key.Property(k => k.CreatedTime).HasColumnName("created_time");
        key.Property(k => k.ExpiresTime).HasColumnName("expires_time");
        key.Property(k => k.RevokedTime).HasColumnName("revoked_time");
        key.Property(k => k.MadeBy).HasColumnName("made_by");
        key.Property(k => k.RequestId).HasColumnName("request_id");
        key.Property(k => k.DayCount).HasColumnName("day_count");
        key.HasOne<ParticipantRow>().WithMany().HasForeignKey(k => k.ParticipantId);

        // The guard behind request_id: of two equal requests that race, one commits.
        key.HasIndex(k => new { k.MadeBy, k.RequestId }).IsUnique();
        key.HasIndex(k => k.ParticipantId);
    }
}

internal sealed class AuditRowTable : IEntityTypeConfiguration<AuditRow>
{
    public void Configure(EntityTypeBuilder<AuditRow> row)
    {
        row.ToTable("audit_rows");
        row.HasKey(r => r.Number);
        row.Property(r => r.Number).HasColumnName("number").ValueGeneratedNever();
        row.Property(r => r.HappenedTime).HasColumnName("happened_time");
        row.Property(r => r.Actor).HasColumnName("actor");
        row.Property(r => r.Act).HasColumnName("act");

        // As text: its bytes are hashed, and jsonb would write them anew.
        row.Property(r => r.DetailJson).HasColumnName("detail_json").HasColumnType("text");
        row.Property(r => r.Hash).HasColumnName("hash");
    }
}

internal sealed class AuditHeadTable : IEntityTypeConfiguration<AuditHeadRow>
{
    public void Configure(EntityTypeBuilder<AuditHeadRow> head)
    {
        head.ToTable("audit_head");
        head.HasKey(h => h.Id);
        head.Property(h => h.Id).HasColumnName("id").ValueGeneratedNever();
        head.Property(h => h.LastNumber).HasColumnName("last_number");
        head.Property(h => h.LastHash).HasColumnName("last_hash");
        head.HasData(new AuditHeadRow { Id = 1, LastHash = AuditChain.Beginning });
    }
}
