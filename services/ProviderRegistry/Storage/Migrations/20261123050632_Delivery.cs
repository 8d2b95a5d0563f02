using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace ComputeExchange.ProviderRegistry.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Delivery : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateSequence(
                name: "desired_revisions",
                schema: "provider_registry");

            migrationBuilder.AddColumn<long>(
                name: "bid_id",
                schema: "provider_registry",
                table: "leases",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "delivery_id",
                schema: "provider_registry",
                table: "leases",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "extends_lease_id",
                schema: "provider_registry",
                table: "leases",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "replaces_lease_id",
                schema: "provider_registry",
                table: "leases",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "agent_gpu_seconds",
                schema: "provider_registry",
                table: "lease_slots",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "registry_gpu_seconds",
                schema: "provider_registry",
                table: "lease_slots",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "resolution",
                schema: "provider_registry",
                table: "lease_slots",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateTable(
                name: "agents",
                schema: "provider_registry",
                columns: table => new
                {
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    public_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    simulated = table.Column<bool>(type: "boolean", nullable: false),
                    region = table.Column<string>(type: "text", nullable: false),
                    country = table.Column<string>(type: "text", nullable: false),
                    zone = table.Column<string>(type: "text", nullable: false),
                    product_class = table.Column<string>(type: "text", nullable: false),
                    standing = table.Column<string>(type: "text", nullable: false),
                    standing_reason = table.Column<string>(type: "text", nullable: false),
                    standing_by = table.Column<string>(type: "text", nullable: false),
                    standing_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    agent_version = table.Column<string>(type: "text", nullable: false),
                    boot_id = table.Column<string>(type: "text", nullable: false),
                    inventory = table.Column<byte[]>(type: "bytea", nullable: false),
                    nvlink = table.Column<bool>(type: "boolean", nullable: false),
                    last_seen_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    lost_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_record_number = table.Column<long>(type: "bigint", nullable: false),
                    desired_revision = table.Column<long>(type: "bigint", nullable: false),
                    verified_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    told_traits = table.Column<string>(type: "text", nullable: false),
                    weighted_delivered = table.Column<double>(type: "double precision", nullable: false),
                    weighted_sold = table.Column<double>(type: "double precision", nullable: false),
                    weighted_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_agents", x => x.node_id);
                });

            migrationBuilder.CreateTable(
                name: "bid_notes",
                schema: "provider_registry",
                columns: table => new
                {
                    bid_id = table.Column<long>(type: "bigint", nullable: false),
                    buyer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    extends_lease_id = table.Column<long>(type: "bigint", nullable: false),
                    replaces_lease_id = table.Column<long>(type: "bigint", nullable: false),
                    rebid_limit_micros_per_gpu_hour = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_bid_notes", x => x.bid_id);
                });

            migrationBuilder.CreateTable(
                name: "deliveries",
                schema: "provider_registry",
                columns: table => new
                {
                    delivery_id = table.Column<long>(type: "bigint", nullable: false),
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    provider_id = table.Column<Guid>(type: "uuid", nullable: false),
                    buyer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    gpu_count = table.Column<int>(type: "integer", nullable: false),
                    gpu_uuids = table.Column<List<string>>(type: "text[]", nullable: false),
                    from_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    phase = table.Column<string>(type: "text", nullable: false),
                    close_reason = table.Column<string>(type: "text", nullable: false),
                    message = table.Column<string>(type: "text", nullable: false),
                    exit_code = table.Column<int>(type: "integer", nullable: true),
                    ssh_endpoint = table.Column<string>(type: "text", nullable: false),
                    removed = table.Column<bool>(type: "boolean", nullable: false),
                    noticed_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    interrupt_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    interrupt_reason = table.Column<string>(type: "text", nullable: false),
                    active_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    workload_id = table.Column<Guid>(type: "uuid", nullable: true),
                    rebid_limit_micros_per_gpu_hour = table.Column<long>(type: "bigint", nullable: false),
                    log_size = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_deliveries", x => x.delivery_id);
                });

            migrationBuilder.CreateTable(
                name: "delivery_events",
                schema: "provider_registry",
                columns: table => new
                {
                    event_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    delivery_id = table.Column<long>(type: "bigint", nullable: false),
                    at_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    message = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_delivery_events", x => x.event_id);
                });

            migrationBuilder.CreateTable(
                name: "delivery_logs",
                schema: "provider_registry",
                columns: table => new
                {
                    delivery_id = table.Column<long>(type: "bigint", nullable: false),
                    offset = table.Column<long>(type: "bigint", nullable: false),
                    text = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_delivery_logs", x => new { x.delivery_id, x.offset });
                });

            migrationBuilder.CreateTable(
                name: "disputes",
                schema: "provider_registry",
                columns: table => new
                {
                    dispute_id = table.Column<Guid>(type: "uuid", nullable: false),
                    lease_id = table.Column<long>(type: "bigint", nullable: false),
                    slot_index = table.Column<int>(type: "integer", nullable: false),
                    buyer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    provider_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    statement = table.Column<string>(type: "text", nullable: false),
                    claimed_gpu_seconds = table.Column<long>(type: "bigint", nullable: false),
                    opened_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    answer = table.Column<string>(type: "text", nullable: false),
                    test_id = table.Column<Guid>(type: "uuid", nullable: true),
                    delivered_gpu_seconds = table.Column<long>(type: "bigint", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false),
                    proposed_by = table.Column<Guid>(type: "uuid", nullable: true),
                    decided_by = table.Column<Guid>(type: "uuid", nullable: true),
                    decided_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_disputes", x => x.dispute_id);
                });

            migrationBuilder.CreateTable(
                name: "enrolment_tokens",
                schema: "provider_registry",
                columns: table => new
                {
                    token_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    provider_id = table.Column<Guid>(type: "uuid", nullable: false),
                    region = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    country = table.Column<string>(type: "text", nullable: false),
                    location = table.Column<string>(type: "text", nullable: false),
                    expires_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    node_id = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_enrolment_tokens", x => x.token_hash);
                });

            migrationBuilder.CreateTable(
                name: "feed_state",
                schema: "provider_registry",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    settings = table.Column<byte[]>(type: "bytea", nullable: false),
                    applied_sequence = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_feed_state", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "gpus",
                schema: "provider_registry",
                columns: table => new
                {
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    uuid = table.Column<string>(type: "text", nullable: false),
                    gpu_index = table.Column<int>(type: "integer", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    memory_bytes = table.Column<long>(type: "bigint", nullable: false),
                    pci_bus_id = table.Column<string>(type: "text", nullable: false),
                    pci_device_id = table.Column<string>(type: "text", nullable: false),
                    mig = table.Column<bool>(type: "boolean", nullable: false),
                    nvlink_peers = table.Column<List<int>>(type: "integer[]", nullable: false),
                    present = table.Column<bool>(type: "boolean", nullable: false),
                    healthy = table.Column<bool>(type: "boolean", nullable: false),
                    trouble = table.Column<string>(type: "text", nullable: false),
                    owner_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    owner_last_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_gpus", x => new { x.node_id, x.uuid });
                });

            migrationBuilder.CreateTable(
                name: "maintenance",
                schema: "provider_registry",
                columns: table => new
                {
                    window_id = table.Column<Guid>(type: "uuid", nullable: false),
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    from_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    category = table.Column<string>(type: "text", nullable: false),
                    note = table.Column<string>(type: "text", nullable: false),
                    announced_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    cancelled = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_maintenance", x => x.window_id);
                });

            migrationBuilder.CreateTable(
                name: "meter_readings",
                schema: "provider_registry",
                columns: table => new
                {
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: false),
                    delivery_id = table.Column<long>(type: "bigint", nullable: false),
                    from_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    healthy_gpu_seconds = table.Column<long>(type: "bigint", nullable: false),
                    utilisation_percent = table.Column<int>(type: "integer", nullable: false),
                    signature = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_meter_readings", x => new { x.node_id, x.number });
                });

            migrationBuilder.CreateTable(
                name: "node_events",
                schema: "provider_registry",
                columns: table => new
                {
                    event_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    by = table.Column<string>(type: "text", nullable: false),
                    message = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_node_events", x => x.event_id);
                });

            migrationBuilder.CreateTable(
                name: "node_offers",
                schema: "provider_registry",
                columns: table => new
                {
                    offer_id = table.Column<long>(type: "bigint", nullable: false),
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    gpu_count = table.Column<int>(type: "integer", nullable: false),
                    from_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    reserve_micros_per_gpu_hour = table.Column<long>(type: "bigint", nullable: false),
                    prompt_reserve_micros_per_gpu_hour = table.Column<long>(type: "bigint", nullable: false),
                    run_slot_count_min = table.Column<int>(type: "integer", nullable: false),
                    by_policy = table.Column<bool>(type: "boolean", nullable: false),
                    open = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_node_offers", x => x.offer_id);
                });

            migrationBuilder.CreateTable(
                name: "outages",
                schema: "provider_registry",
                columns: table => new
                {
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    from_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_outages", x => new { x.node_id, x.from_time });
                });

            migrationBuilder.CreateTable(
                name: "policies",
                schema: "provider_registry",
                columns: table => new
                {
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    policy = table.Column<byte[]>(type: "bytea", nullable: false),
                    enabled = table.Column<bool>(type: "boolean", nullable: false),
                    reserve_micros_per_gpu_hour = table.Column<long>(type: "bigint", nullable: false),
                    explanation = table.Column<string>(type: "text", nullable: false),
                    repriced_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_command_id = table.Column<Guid>(type: "uuid", nullable: true),
                    ask_count = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_policies", x => x.node_id);
                });

            migrationBuilder.CreateTable(
                name: "self_tests",
                schema: "provider_registry",
                columns: table => new
                {
                    test_id = table.Column<Guid>(type: "uuid", nullable: false),
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    asked_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    occasion = table.Column<string>(type: "text", nullable: false),
                    seed = table.Column<long>(type: "bigint", nullable: false),
                    done_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    passed = table.Column<bool>(type: "boolean", nullable: false),
                    findings = table.Column<List<string>>(type: "text[]", nullable: false),
                    report = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_self_tests", x => x.test_id);
                });

            migrationBuilder.CreateTable(
                name: "slot_prices",
                schema: "provider_registry",
                columns: table => new
                {
                    market = table.Column<string>(type: "text", nullable: false),
                    slot_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    price_micros_per_gpu_hour = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_slot_prices", x => new { x.market, x.slot_time });
                });

            migrationBuilder.CreateTable(
                name: "sold_leases",
                schema: "provider_registry",
                columns: table => new
                {
                    lease_id = table.Column<long>(type: "bigint", nullable: false),
                    bid_id = table.Column<long>(type: "bigint", nullable: false),
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    offer_id = table.Column<long>(type: "bigint", nullable: false),
                    gpu_count = table.Column<int>(type: "integer", nullable: false),
                    from_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    resold_from_lease_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sold_leases", x => x.lease_id);
                });

            migrationBuilder.CreateTable(
                name: "webhook_calls",
                schema: "provider_registry",
                columns: table => new
                {
                    event_id = table.Column<Guid>(type: "uuid", nullable: false),
                    webhook_id = table.Column<Guid>(type: "uuid", nullable: false),
                    @event = table.Column<string>(name: "event", type: "text", nullable: false),
                    at_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    body = table.Column<string>(type: "jsonb", nullable: false),
                    attempt_count = table.Column<int>(type: "integer", nullable: false),
                    delivered = table.Column<bool>(type: "boolean", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    next_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhook_calls", x => x.event_id);
                });

            migrationBuilder.CreateTable(
                name: "webhooks",
                schema: "provider_registry",
                columns: table => new
                {
                    webhook_id = table.Column<Guid>(type: "uuid", nullable: false),
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    url = table.Column<string>(type: "text", nullable: false),
                    events = table.Column<List<string>>(type: "text[]", nullable: false),
                    @sealed = table.Column<byte[]>(name: "sealed", type: "bytea", nullable: false),
                    deleted = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_webhooks", x => x.webhook_id);
                });

            migrationBuilder.CreateTable(
                name: "workloads",
                schema: "provider_registry",
                columns: table => new
                {
                    workload_id = table.Column<Guid>(type: "uuid", nullable: false),
                    buyer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    lease_id = table.Column<long>(type: "bigint", nullable: false),
                    bid_id = table.Column<long>(type: "bigint", nullable: false),
                    spec = table.Column<byte[]>(type: "bytea", nullable: false),
                    @sealed = table.Column<byte[]>(name: "sealed", type: "bytea", nullable: false),
                    set_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_workloads", x => x.workload_id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_leases_delivery_id",
                schema: "provider_registry",
                table: "leases",
                column: "delivery_id",
                filter: "delivery_id > 0");

            migrationBuilder.CreateIndex(
                name: "IX_agents_desired_revision",
                schema: "provider_registry",
                table: "agents",
                column: "desired_revision");

            migrationBuilder.CreateIndex(
                name: "agents_heard_of",
                schema: "provider_registry",
                table: "agents",
                column: "last_seen_time",
                filter: "lost_time IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_deliveries_node_id_to_time",
                schema: "provider_registry",
                table: "deliveries",
                columns: new[] { "node_id", "to_time" });

            migrationBuilder.CreateIndex(
                name: "deliveries_open",
                schema: "provider_registry",
                table: "deliveries",
                column: "from_time",
                filter: "ended_time IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_delivery_events_delivery_id_event_id",
                schema: "provider_registry",
                table: "delivery_events",
                columns: new[] { "delivery_id", "event_id" });

            migrationBuilder.CreateIndex(
                name: "IX_disputes_lease_id_slot_index",
                schema: "provider_registry",
                table: "disputes",
                columns: new[] { "lease_id", "slot_index" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_gpus_uuid",
                schema: "provider_registry",
                table: "gpus",
                column: "uuid");

            migrationBuilder.CreateIndex(
                name: "IX_maintenance_node_id_to_time",
                schema: "provider_registry",
                table: "maintenance",
                columns: new[] { "node_id", "to_time" });

            migrationBuilder.CreateIndex(
                name: "IX_meter_readings_delivery_id_from_time",
                schema: "provider_registry",
                table: "meter_readings",
                columns: new[] { "delivery_id", "from_time" });

            migrationBuilder.CreateIndex(
                name: "IX_node_events_node_id_event_id",
                schema: "provider_registry",
                table: "node_events",
                columns: new[] { "node_id", "event_id" });

            migrationBuilder.CreateIndex(
                name: "node_offers_ending",
                schema: "provider_registry",
                table: "node_offers",
                column: "to_time",
                filter: "open");

            migrationBuilder.CreateIndex(
                name: "node_offers_open",
                schema: "provider_registry",
                table: "node_offers",
                column: "node_id",
                filter: "open");

            migrationBuilder.CreateIndex(
                name: "policies_enabled",
                schema: "provider_registry",
                table: "policies",
                column: "node_id",
                filter: "enabled");

            migrationBuilder.CreateIndex(
                name: "IX_self_tests_node_id_asked_time",
                schema: "provider_registry",
                table: "self_tests",
                columns: new[] { "node_id", "asked_time" });

            migrationBuilder.CreateIndex(
                name: "IX_sold_leases_bid_id_from_time",
                schema: "provider_registry",
                table: "sold_leases",
                columns: new[] { "bid_id", "from_time" });

            migrationBuilder.CreateIndex(
                name: "IX_sold_leases_node_id",
                schema: "provider_registry",
                table: "sold_leases",
                column: "node_id");

            migrationBuilder.CreateIndex(
                name: "IX_webhook_calls_next_time",
                schema: "provider_registry",
                table: "webhook_calls",
                column: "next_time",
                filter: "next_time IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_webhook_calls_webhook_id_at_time",
                schema: "provider_registry",
                table: "webhook_calls",
                columns: new[] { "webhook_id", "at_time" });

            migrationBuilder.CreateIndex(
                name: "IX_webhooks_participant_id",
                schema: "provider_registry",
                table: "webhooks",
                column: "participant_id",
                filter: "NOT deleted");

            migrationBuilder.CreateIndex(
                name: "IX_workloads_bid_id",
                schema: "provider_registry",
                table: "workloads",
                column: "bid_id",
                filter: "bid_id > 0");

            migrationBuilder.CreateIndex(
                name: "IX_workloads_lease_id",
                schema: "provider_registry",
                table: "workloads",
                column: "lease_id",
                filter: "lease_id > 0");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "agents",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "bid_notes",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "deliveries",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "delivery_events",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "delivery_logs",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "disputes",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "enrolment_tokens",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "feed_state",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "gpus",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "maintenance",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "meter_readings",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "node_events",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "node_offers",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "outages",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "policies",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "self_tests",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "slot_prices",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "sold_leases",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "webhook_calls",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "webhooks",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "workloads",
                schema: "provider_registry");

            migrationBuilder.DropIndex(
                name: "IX_leases_delivery_id",
                schema: "provider_registry",
                table: "leases");

            migrationBuilder.DropColumn(
                name: "bid_id",
                schema: "provider_registry",
                table: "leases");

            migrationBuilder.DropColumn(
                name: "delivery_id",
                schema: "provider_registry",
                table: "leases");

            migrationBuilder.DropColumn(
                name: "extends_lease_id",
                schema: "provider_registry",
                table: "leases");

            migrationBuilder.DropColumn(
                name: "replaces_lease_id",
                schema: "provider_registry",
                table: "leases");

            migrationBuilder.DropColumn(
                name: "agent_gpu_seconds",
                schema: "provider_registry",
                table: "lease_slots");

            migrationBuilder.DropColumn(
                name: "registry_gpu_seconds",
                schema: "provider_registry",
                table: "lease_slots");

            migrationBuilder.DropColumn(
                name: "resolution",
                schema: "provider_registry",
                table: "lease_slots");

            migrationBuilder.DropSequence(
                name: "desired_revisions",
                schema: "provider_registry");
        }
    }
}
