using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.ProviderRegistry.Storage;

internal sealed class DeliveryTable : IEntityTypeConfiguration<DeliveryRow>
{
    public void Configure(EntityTypeBuilder<DeliveryRow> delivery)
    {
        delivery.ToTable("deliveries");
        delivery.HasKey(d => d.DeliveryId);
        delivery.InSnakeCase();
        delivery.Property(d => d.DeliveryId).ValueGeneratedNever();
        delivery.Property(d => d.Phase).HasConversion<string>();
        delivery.Property(d => d.CloseReason).HasConversion<string>();
        delivery.Property(d => d.InterruptReason).HasConversion<string>();
        delivery.HasIndex(d => new { d.NodeId, d.ToTime });
        delivery.HasIndex(d => d.FromTime).HasFilter("ended_time IS NULL").HasDatabaseName("deliveries_open");
    }
}

internal sealed class DeliveryEventTable : IEntityTypeConfiguration<DeliveryEventRow>
{
    public void Configure(EntityTypeBuilder<DeliveryEventRow> happened)
    {
        happened.ToTable("delivery_events");
        happened.HasKey(e => e.EventId);
        happened.InSnakeCase();
        happened.Property(e => e.EventId).UseIdentityByDefaultColumn();
        happened.HasIndex(e => new { e.DeliveryId, e.EventId });
    }
}

internal sealed class WorkloadTable : IEntityTypeConfiguration<WorkloadRow>
{
    public void Configure(EntityTypeBuilder<WorkloadRow> workload)
    {
        workload.ToTable("workloads");
        workload.HasKey(w => w.WorkloadId);
        workload.InSnakeCase();
        workload.Property(w => w.WorkloadId).ValueGeneratedNever();
        workload.HasIndex(w => w.LeaseId).HasFilter("lease_id > 0");
        workload.HasIndex(w => w.BidId).HasFilter("bid_id > 0");
    }
}

internal sealed class DeliveryLogTable : IEntityTypeConfiguration<DeliveryLogRow>
{
    public void Configure(EntityTypeBuilder<DeliveryLogRow> log)
    {
        log.ToTable("delivery_logs");
        log.HasKey(l => new { l.DeliveryId, l.Offset });
        log.InSnakeCase();
    }
}

internal sealed class MeterReadingTable : IEntityTypeConfiguration<MeterReadingRow>
{
    public void Configure(EntityTypeBuilder<MeterReadingRow> reading)
    {
        reading.ToTable("meter_readings");

        // A record that is sent again is the same row.
        reading.HasKey(r => new { r.NodeId, r.Number });
        reading.InSnakeCase();
        reading.HasIndex(r => new { r.DeliveryId, r.FromTime });
    }
}

internal sealed class BidNoteTable : IEntityTypeConfiguration<BidNoteRow>
{
    public void Configure(EntityTypeBuilder<BidNoteRow> note)
    {
        note.ToTable("bid_notes");
        note.HasKey(n => n.BidId);
        note.InSnakeCase();
        note.Property(n => n.BidId).ValueGeneratedNever();
    }
}

internal sealed class SoldLeaseTable : IEntityTypeConfiguration<SoldLeaseRow>
{
    public void Configure(EntityTypeBuilder<SoldLeaseRow> sold)
    {
        sold.ToTable("sold_leases");
        sold.HasKey(s => s.LeaseId);
        sold.InSnakeCase();
        sold.Property(s => s.LeaseId).ValueGeneratedNever();
        sold.HasIndex(s => new { s.BidId, s.FromTime });
        sold.HasIndex(s => s.NodeId);
    }
}

internal sealed class DisputeTable : IEntityTypeConfiguration<DisputeRow>
{
    public void Configure(EntityTypeBuilder<DisputeRow> dispute)
    {
        dispute.ToTable("disputes");
        dispute.HasKey(d => d.DisputeId);
        dispute.InSnakeCase();
        dispute.Property(d => d.DisputeId).ValueGeneratedNever();
        dispute.Property(d => d.Kind).HasConversion<string>();
        dispute.Property(d => d.State).HasConversion<string>();

        // The guard behind ALREADY_DISPUTED.
        dispute.HasIndex(d => new { d.LeaseId, d.SlotIndex }).IsUnique();
    }
}

internal sealed class WebhookTable : IEntityTypeConfiguration<WebhookRow>
{
    public void Configure(EntityTypeBuilder<WebhookRow> webhook)
    {
        webhook.ToTable("webhooks");
        webhook.HasKey(w => w.WebhookId);
        webhook.InSnakeCase();
        webhook.Property(w => w.WebhookId).ValueGeneratedNever();
        webhook.HasIndex(w => w.ParticipantId).HasFilter("NOT deleted");
    }
}

internal sealed class WebhookCallTable : IEntityTypeConfiguration<WebhookCallRow>
{
    public void Configure(EntityTypeBuilder<WebhookCallRow> call)
    {
        call.ToTable("webhook_calls");
        call.HasKey(c => c.EventId);
        call.InSnakeCase();
        call.Property(c => c.EventId).ValueGeneratedNever();
        call.Property(c => c.Body).HasColumnType("jsonb");
        call.HasIndex(c => c.NextTime).HasFilter("next_time IS NOT NULL");
        call.HasIndex(c => new { c.WebhookId, c.AtTime });
    }
}
