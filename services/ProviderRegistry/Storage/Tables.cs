using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.ProviderRegistry.Storage;

internal sealed class MarketTable : IEntityTypeConfiguration<MarketRow>
{
    public void Configure(EntityTypeBuilder<MarketRow> market)
    {
        market.ToTable("markets");
        market.HasKey(m => m.Market);
        market.Property(m => m.Market).HasColumnName("market");
    }
}

internal sealed class NodeTable : IEntityTypeConfiguration<NodeRow>
{
    public void Configure(EntityTypeBuilder<NodeRow> node)
    {
        node.ToTable("nodes");
        node.HasKey(n => n.NodeId);
        node.Property(n => n.NodeId).HasColumnName("node_id").ValueGeneratedNever();
        node.Property(n => n.ProviderId).HasColumnName("provider_id");
        node.Property(n => n.Market).HasColumnName("market");
        node.Property(n => n.Name).HasColumnName("name");
        node.Property(n => n.GpuCount).HasColumnName("gpu_count");
        node.Property(n => n.Location).HasColumnName("location");
        node.Property(n => n.SoldGpuSeconds).HasColumnName("sold_gpu_seconds");
        node.Property(n => n.DeliveredGpuSeconds).HasColumnName("delivered_gpu_seconds");
        node.Property(n => n.NamedUntil).HasColumnName("named_until");
        node.Property(n => n.CommandId).HasColumnName("command_id");
        node.Property(n => n.Refused).HasColumnName("refused");

        node.HasIndex(n => new { n.ProviderId, n.NodeId });
        node.HasIndex(n => n.CommandId);
    }
}

internal sealed class NodeRequestTable : IEntityTypeConfiguration<NodeRequestRow>
{
    public void Configure(EntityTypeBuilder<NodeRequestRow> request)
    {
        request.ToTable("node_requests");

        // The guard behind request_id: of two equal requests that race, one commits.
        request.HasKey(r => new { r.ProviderId, r.RequestId });
        request.Property(r => r.ProviderId).HasColumnName("provider_id");
        request.Property(r => r.RequestId).HasColumnName("request_id");
        request.Property(r => r.NodeId).HasColumnName("node_id");
        request.Property(r => r.Name).HasColumnName("name");
        request.Property(r => r.Market).HasColumnName("market");
        request.Property(r => r.GpuCount).HasColumnName("gpu_count");
        request.Property(r => r.Location).HasColumnName("location");
        request.Property(r => r.ReliabilityPpm).HasColumnName("reliability_ppm");
    }
}

internal sealed class LeaseTable : IEntityTypeConfiguration<LeaseRow>
{
    public void Configure(EntityTypeBuilder<LeaseRow> lease)
    {
        lease.ToTable("leases");
        lease.HasKey(l => l.LeaseId);
        lease.Property(l => l.LeaseId).HasColumnName("lease_id").ValueGeneratedNever();
        lease.Property(l => l.NodeId).HasColumnName("node_id");
        lease.Property(l => l.ProviderId).HasColumnName("provider_id");
        lease.Property(l => l.BuyerId).HasColumnName("buyer_id");
        lease.Property(l => l.Market).HasColumnName("market");
        lease.Property(l => l.GpuCount).HasColumnName("gpu_count");
        lease.Property(l => l.ResoldFromLeaseId).HasColumnName("resold_from_lease_id");
        lease.Property(l => l.FromTime).HasColumnName("from_time");
        lease.Property(l => l.ToTime).HasColumnName("to_time");
        lease.Property(l => l.State).HasColumnName("state").HasConversion<string>();
        lease.Property(l => l.Gpus).HasColumnName("gpus");
        lease.Property(l => l.UnmeteredSlotCount).HasColumnName("unmetered_slot_count");
        lease.Property(l => l.UndeliveredGpuSeconds).HasColumnName("undelivered_gpu_seconds");
        lease.Property(l => l.TraceParent).HasColumnName("trace_parent").HasMaxLength(55);
        lease.Property(l => l.DeliveryId).HasColumnName("delivery_id");
        lease.Property(l => l.BidId).HasColumnName("bid_id");
        lease.Property(l => l.ExtendsLeaseId).HasColumnName("extends_lease_id");
        lease.Property(l => l.ReplacesLeaseId).HasColumnName("replaces_lease_id");
        lease.HasMany(l => l.Slots).WithOne().HasForeignKey(s => s.LeaseId);

        lease.HasIndex(l => new { l.ProviderId, l.LeaseId });
        lease.HasIndex(l => new { l.BuyerId, l.LeaseId });
        lease.HasIndex(l => l.ResoldFromLeaseId).HasFilter("resold_from_lease_id > 0");
        lease.HasIndex(l => new { l.NodeId, l.ToTime });
        lease.HasIndex(l => l.DeliveryId).HasFilter("delivery_id > 0");
        lease.HasIndex(l => l.FromTime).HasFilter("state = 'Scheduled'").HasDatabaseName("leases_scheduled");
    }
}

internal sealed class LeaseSlotTable : IEntityTypeConfiguration<LeaseSlotRow>
{
    public void Configure(EntityTypeBuilder<LeaseSlotRow> slot)
    {
        slot.ToTable("lease_slots", table => table.HasCheckConstraint(
            "delivered_is_of_sold", "delivered_gpu_seconds BETWEEN 0 AND sold_gpu_seconds"));
        slot.HasKey(s => new { s.LeaseId, s.SlotIndex });
        slot.Property(s => s.LeaseId).HasColumnName("lease_id");
        slot.Property(s => s.SlotIndex).HasColumnName("slot_index");
        slot.Property(s => s.FromTime).HasColumnName("from_time");
        slot.Property(s => s.ToTime).HasColumnName("to_time");
        slot.Property(s => s.SoldGpuSeconds).HasColumnName("sold_gpu_seconds");
        slot.Property(s => s.DeliveredGpuSeconds).HasColumnName("delivered_gpu_seconds");
        slot.Property(s => s.MeteredTime).HasColumnName("metered_time");
        slot.Property(s => s.AgentGpuSeconds).HasColumnName("agent_gpu_seconds");
        slot.Property(s => s.RegistryGpuSeconds).HasColumnName("registry_gpu_seconds");
        slot.Property(s => s.Resolution).HasColumnName("resolution").HasDefaultValue("");

        slot.HasIndex(s => s.ToTime).HasFilter("metered_time IS NULL").HasDatabaseName("lease_slots_unmetered");
    }
}
