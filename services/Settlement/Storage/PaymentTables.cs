using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ComputeExchange.Settlement.Storage;

internal sealed class PaymentTable : IEntityTypeConfiguration<PaymentRow>
{
    public void Configure(EntityTypeBuilder<PaymentRow> builder)
    {
        builder.ToTable("payments", table =>
        {
            table.HasCheckConstraint("payments_state", "state IN ('READY', 'SENT', 'PAID', 'FAILED', 'REVERSED')");
            table.HasCheckConstraint("payments_purpose", "purpose IN ('WITHDRAWAL', 'PAYOUT')");
            table.HasCheckConstraint("payments_amount", "amount_micros > 0");
        });
        builder.HasKey(payment => payment.Id);
        builder.Property(payment => payment.Id).HasColumnName("payment_id").ValueGeneratedNever();
        builder.Property(payment => payment.Purpose).HasColumnName("purpose").HasMaxLength(20);
        builder.Property(payment => payment.ParticipantId).HasColumnName("participant_id");
        builder.Property(payment => payment.DestinationId).HasColumnName("destination_id");
        builder.Property(payment => payment.AmountMicros).HasColumnName("amount_micros");
        builder.Property(payment => payment.Rail).HasColumnName("rail").HasMaxLength(20);
        builder.Property(payment => payment.State).HasColumnName("state").HasMaxLength(20);
        builder.Property(payment => payment.RailReference).HasColumnName("rail_reference").HasMaxLength(100);
        builder.Property(payment => payment.Explanation).HasColumnName("explanation").HasMaxLength(300);
        builder.Property(payment => payment.FileNumber).HasColumnName("file_number");
        builder.Property(payment => payment.CreatedTime).HasColumnName("created_time");
        builder.Property(payment => payment.SentTime).HasColumnName("sent_time");
        builder.Property(payment => payment.EndedTime).HasColumnName("ended_time");

        // Two that move one payment never both win; the loser reads again.
        builder.Property<uint>("xmin").IsRowVersion();
        builder.HasIndex(payment => payment.CreatedTime).HasFilter("state IN ('READY', 'SENT')").HasDatabaseName("payments_open");
        builder.HasIndex(payment => payment.FileNumber).HasFilter("file_number IS NOT NULL").HasDatabaseName("payments_of_file");
        builder.HasIndex(payment => payment.ParticipantId).HasDatabaseName("payments_of_participant");
    }
}

internal sealed class RailEventTable : IEntityTypeConfiguration<RailEventRow>
{
    /// <summary>Of two deliveries of one event that race, one commits.</summary>
    public const string Once = "rail_events_once";

    public void Configure(EntityTypeBuilder<RailEventRow> builder)
    {
        builder.ToTable("rail_events");
        builder.HasKey(happened => new { happened.Rail, happened.EventId }).HasName(Once);
        builder.Property(happened => happened.Rail).HasColumnName("rail").HasMaxLength(20);
        builder.Property(happened => happened.EventId).HasColumnName("event_id").HasMaxLength(100);
        builder.Property(happened => happened.Kind).HasColumnName("kind").HasMaxLength(40);
        builder.Property(happened => happened.PaymentId).HasColumnName("payment_id");
        builder.Property(happened => happened.RailReference).HasColumnName("rail_reference").HasMaxLength(100);
        builder.Property(happened => happened.AmountMicros).HasColumnName("amount_micros");
        builder.Property(happened => happened.ContentHash).HasColumnName("content_hash");
        builder.Property(happened => happened.HappenedTime).HasColumnName("happened_time");
        builder.Property(happened => happened.ReceivedTime).HasColumnName("received_time");
        builder.Property(happened => happened.Outcome).HasColumnName("outcome").HasMaxLength(300);
    }
}

internal sealed class DestinationTable : IEntityTypeConfiguration<DestinationRow>
{
    public void Configure(EntityTypeBuilder<DestinationRow> builder)
    {
        builder.ToTable("destinations");
        builder.HasKey(destination => destination.Id);
        builder.Property(destination => destination.Id).HasColumnName("destination_id").ValueGeneratedNever();
        builder.Property(destination => destination.ParticipantId).HasColumnName("participant_id");
        builder.Property(destination => destination.AddedTime).HasColumnName("added_time");
        builder.Property(destination => destination.RemovedTime).HasColumnName("removed_time");
        builder.HasIndex(destination => destination.ParticipantId).HasDatabaseName("destinations_of_participant");
    }
}

internal sealed class ApprovalTable : IEntityTypeConfiguration<ApprovalRow>
{
    public void Configure(EntityTypeBuilder<ApprovalRow> builder)
    {
        builder.ToTable("approvals");

        // One operator counts once.
        builder.HasKey(approval => new { approval.WithdrawalId, approval.OperatorId });
        builder.Property(approval => approval.WithdrawalId).HasColumnName("withdrawal_id");
        builder.Property(approval => approval.OperatorId).HasColumnName("operator_id");
        builder.Property(approval => approval.ApprovedTime).HasColumnName("approved_time");
    }
}

internal sealed class ProposalTable : IEntityTypeConfiguration<ProposalRow>
{
    /// <summary>Of two equal requests that race, one commits.</summary>
    public const string Once = "proposals_once";

    public void Configure(EntityTypeBuilder<ProposalRow> builder)
    {
        // Nobody approves what they proposed.
        builder.ToTable("proposals", table => table.HasCheckConstraint("proposals_two_operators", "approved_by <> proposed_by"));
        builder.HasKey(proposal => proposal.Id);
        builder.Property(proposal => proposal.Id).HasColumnName("proposal_id").ValueGeneratedNever();
        builder.Property(proposal => proposal.RequestId).HasColumnName("request_id");
        builder.Property(proposal => proposal.Kind).HasColumnName("kind").HasMaxLength(40);
        builder.Property(proposal => proposal.Parameters).HasColumnName("parameters");
        builder.Property(proposal => proposal.Hash).HasColumnName("hash").HasMaxLength(64);
        builder.Property(proposal => proposal.ProposedBy).HasColumnName("proposed_by");
        builder.Property(proposal => proposal.ProposedTime).HasColumnName("proposed_time");
        builder.Property(proposal => proposal.ExpiresTime).HasColumnName("expires_time");
        builder.Property(proposal => proposal.ApprovedBy).HasColumnName("approved_by");
        builder.Property(proposal => proposal.ApprovedTime).HasColumnName("approved_time");
        builder.Property<uint>("xmin").IsRowVersion();
        builder.HasIndex(proposal => new { proposal.ProposedBy, proposal.RequestId }).IsUnique().HasDatabaseName(Once);
        builder.HasIndex(proposal => proposal.ProposedTime).HasDatabaseName("proposals_by_time");
    }
}

internal sealed class PaymentRulesTable : IEntityTypeConfiguration<PaymentRulesRow>
{
    public void Configure(EntityTypeBuilder<PaymentRulesRow> builder)
    {
        builder.ToTable("payment_rules", table => table.HasCheckConstraint("payment_rules_one", "id = 1"));
        builder.HasKey(rules => rules.Id);
        builder.Property(rules => rules.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(rules => rules.HaltedTime).HasColumnName("halted_time");
        builder.Property(rules => rules.HaltReason).HasColumnName("halt_reason");
        builder.Property(rules => rules.SingleMicros).HasColumnName("single_micros");
        builder.Property(rules => rules.DailyMicros).HasColumnName("daily_micros");
        builder.Property(rules => rules.ApprovalMicros).HasColumnName("approval_micros");
        builder.Property(rules => rules.CoolingMinutes).HasColumnName("cooling_minutes");
        builder.Property(rules => rules.LastFileNumber).HasColumnName("last_file_number");
        builder.Property<uint>("xmin").IsRowVersion();

        // Until operators agree on others: a million dollars at once, five a day, two operators from 100,000 on, a day of cooling.
        builder.HasData(new PaymentRulesRow
        {
            Id = 1, SingleMicros = 1_000_000_000_000, DailyMicros = 5_000_000_000_000, ApprovalMicros = 100_000_000_000, CoolingMinutes = 1_440,
        });
    }
}

internal sealed class BreakTable : IEntityTypeConfiguration<BreakRow>
{
    public void Configure(EntityTypeBuilder<BreakRow> builder)
    {
        builder.ToTable("breaks");
        builder.HasKey(found => found.Id);
        builder.Property(found => found.Id).HasColumnName("break_id").UseIdentityAlwaysColumn();
        builder.Property(found => found.Check).HasColumnName("check_name").HasMaxLength(40);
        builder.Property(found => found.Subject).HasColumnName("subject").HasMaxLength(100);
        builder.Property(found => found.Text).HasColumnName("text");
        builder.Property(found => found.FoundTime).HasColumnName("found_time");
        builder.Property(found => found.ClearedTime).HasColumnName("cleared_time");
        builder.HasIndex(found => new { found.Check, found.Subject }).IsUnique().HasFilter("cleared_time IS NULL").HasDatabaseName("breaks_open");
    }
}

internal sealed class WatchTable : IEntityTypeConfiguration<WatchRow>
{
    public void Configure(EntityTypeBuilder<WatchRow> builder)
    {
        builder.ToTable("ledger_watch", table => table.HasCheckConstraint("ledger_watch_one", "id = 1"));
        builder.HasKey(watch => watch.Id);
        builder.Property(watch => watch.Id).HasColumnName("id").ValueGeneratedNever();
        builder.Property(watch => watch.ComparedTime).HasColumnName("compared_time");
        builder.Property(watch => watch.FeedNumber).HasColumnName("feed_number");
        builder.Property(watch => watch.CheckedNumber).HasColumnName("checked_number");
        builder.HasData(new WatchRow { Id = 1 });
    }
}
