using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.ProviderRegistry.Storage;

internal sealed class AgentTable : IEntityTypeConfiguration<AgentRow>
{
    public void Configure(EntityTypeBuilder<AgentRow> agent)
    {
        agent.ToTable("agents");
        agent.HasKey(a => a.NodeId);
        agent.InSnakeCase();
        agent.Property(a => a.NodeId).ValueGeneratedNever();
        agent.Property(a => a.Standing).HasConversion<string>();

        agent.HasIndex(a => a.DesiredRevision);
        agent.HasIndex(a => a.LastSeenTime).HasFilter("lost_time IS NULL").HasDatabaseName("agents_heard_of");
    }
}

internal sealed class GpuTable : IEntityTypeConfiguration<GpuRow>
{
    public void Configure(EntityTypeBuilder<GpuRow> gpu)
    {
        gpu.ToTable("gpus");
        gpu.HasKey(g => new { g.NodeId, g.Uuid });
        gpu.InSnakeCase();

        // One UUID on two nodes is what a fraud looks like: it is looked for here.
        gpu.HasIndex(g => g.Uuid);
    }
}

internal sealed class EnrolmentTokenTable : IEntityTypeConfiguration<EnrolmentTokenRow>
{
    public void Configure(EntityTypeBuilder<EnrolmentTokenRow> token)
    {
        token.ToTable("enrolment_tokens");
        token.HasKey(t => t.TokenHash);
        token.InSnakeCase();
    }
}

internal sealed class NodeEventTable : IEntityTypeConfiguration<NodeEventRow>
{
    public void Configure(EntityTypeBuilder<NodeEventRow> happened)
    {
        happened.ToTable("node_events");
        happened.HasKey(e => e.EventId);
        happened.InSnakeCase();
        happened.Property(e => e.EventId).UseIdentityByDefaultColumn();
        happened.HasIndex(e => new { e.NodeId, e.EventId });
    }
}

internal sealed class OutageTable : IEntityTypeConfiguration<OutageRow>
{
    public void Configure(EntityTypeBuilder<OutageRow> outage)
    {
        outage.ToTable("outages");
        outage.HasKey(o => new { o.NodeId, o.FromTime });
        outage.InSnakeCase();
    }
}

internal sealed class SelfTestTable : IEntityTypeConfiguration<SelfTestRow>
{
    public void Configure(EntityTypeBuilder<SelfTestRow> test)
    {
        test.ToTable("self_tests");
        test.HasKey(t => t.TestId);
        test.InSnakeCase();
        test.Property(t => t.TestId).ValueGeneratedNever();
        test.HasIndex(t => new { t.NodeId, t.AskedTime });
    }
}

internal sealed class PolicyTable : IEntityTypeConfiguration<PolicyRow>
{
    public void Configure(EntityTypeBuilder<PolicyRow> policy)
    {
        policy.ToTable("policies");
        policy.HasKey(p => p.NodeId);
        policy.InSnakeCase();
        policy.Property(p => p.NodeId).ValueGeneratedNever();
        policy.HasIndex(p => p.NodeId).HasFilter("enabled").HasDatabaseName("policies_enabled");
    }
}

internal sealed class MaintenanceTable : IEntityTypeConfiguration<MaintenanceRow>
{
    public void Configure(EntityTypeBuilder<MaintenanceRow> window)
    {
        window.ToTable("maintenance");
        window.HasKey(m => m.WindowId);
        window.InSnakeCase();
        window.Property(m => m.WindowId).ValueGeneratedNever();
        window.HasIndex(m => new { m.NodeId, m.ToTime });
    }
}

internal sealed class NodeOfferTable : IEntityTypeConfiguration<NodeOfferRow>
{
    public void Configure(EntityTypeBuilder<NodeOfferRow> offer)
    {
        offer.ToTable("node_offers");
        offer.HasKey(o => o.OfferId);
        offer.InSnakeCase();
        offer.Property(o => o.OfferId).ValueGeneratedNever();
        offer.HasIndex(o => o.ToTime).HasFilter("open").HasDatabaseName("node_offers_ending");
        offer.HasIndex(o => o.NodeId).HasFilter("open").HasDatabaseName("node_offers_open");
    }
}

internal sealed class FeedStateTable : IEntityTypeConfiguration<FeedStateRow>
{
    public void Configure(EntityTypeBuilder<FeedStateRow> state)
    {
        state.ToTable("feed_state");
        state.HasKey(s => s.Id);
        state.InSnakeCase();
        state.Property(s => s.Id).ValueGeneratedNever();
    }
}

internal sealed class SlotPriceTable : IEntityTypeConfiguration<SlotPriceRow>
{
    public void Configure(EntityTypeBuilder<SlotPriceRow> price)
    {
        price.ToTable("slot_prices");
        price.HasKey(p => new { p.Market, p.SlotTime });
        price.InSnakeCase();
    }
}
