using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace ComputeExchange.ProviderRegistry.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "provider_registry");

            migrationBuilder.CreateTable(
                name: "cursors",
                schema: "provider_registry",
                columns: table => new
                {
                    producer = table.Column<string>(type: "text", nullable: false),
                    applied_number = table.Column<long>(type: "bigint", nullable: false),
                    clock_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_cursors", x => x.producer);
                });

            migrationBuilder.CreateTable(
                name: "engine_commands",
                schema: "provider_registry",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    command_id = table.Column<Guid>(type: "uuid", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false),
                    trace_parent = table.Column<string>(type: "text", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_engine_commands", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "fact_head",
                schema: "provider_registry",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    last_number = table.Column<long>(type: "bigint", nullable: false),
                    published_number = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_fact_head", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "facts",
                schema: "provider_registry",
                columns: table => new
                {
                    number = table.Column<long>(type: "bigint", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    body = table.Column<string>(type: "jsonb", nullable: false),
                    happened_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    trace_parent = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_facts", x => x.number);
                });

            migrationBuilder.CreateTable(
                name: "jobs",
                schema: "provider_registry",
                columns: table => new
                {
                    name = table.Column<string>(type: "text", nullable: false),
                    done_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_jobs", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "leases",
                schema: "provider_registry",
                columns: table => new
                {
                    lease_id = table.Column<long>(type: "bigint", nullable: false),
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    provider_id = table.Column<Guid>(type: "uuid", nullable: false),
                    buyer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    market = table.Column<string>(type: "text", nullable: false),
                    gpu_count = table.Column<int>(type: "integer", nullable: false),
                    from_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "text", nullable: false),
                    gpus = table.Column<List<int>>(type: "integer[]", nullable: false),
                    unmetered_slot_count = table.Column<int>(type: "integer", nullable: false),
                    undelivered_gpu_seconds = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_leases", x => x.lease_id);
                });

            migrationBuilder.CreateTable(
                name: "markets",
                schema: "provider_registry",
                columns: table => new
                {
                    market = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_markets", x => x.market);
                });

            migrationBuilder.CreateTable(
                name: "node_requests",
                schema: "provider_registry",
                columns: table => new
                {
                    provider_id = table.Column<Guid>(type: "uuid", nullable: false),
                    request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    market = table.Column<string>(type: "text", nullable: false),
                    gpu_count = table.Column<int>(type: "integer", nullable: false),
                    location = table.Column<string>(type: "text", nullable: false),
                    reliability_ppm = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_node_requests", x => new { x.provider_id, x.request_id });
                });

            migrationBuilder.CreateTable(
                name: "nodes",
                schema: "provider_registry",
                columns: table => new
                {
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    provider_id = table.Column<Guid>(type: "uuid", nullable: false),
                    market = table.Column<string>(type: "text", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    gpu_count = table.Column<int>(type: "integer", nullable: false),
                    location = table.Column<string>(type: "text", nullable: false),
                    sold_gpu_seconds = table.Column<long>(type: "bigint", nullable: false),
                    delivered_gpu_seconds = table.Column<long>(type: "bigint", nullable: false),
                    named_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    command_id = table.Column<Guid>(type: "uuid", nullable: false),
                    refused = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_nodes", x => x.node_id);
                });

            migrationBuilder.CreateTable(
                name: "lease_slots",
                schema: "provider_registry",
                columns: table => new
                {
                    lease_id = table.Column<long>(type: "bigint", nullable: false),
                    slot_index = table.Column<int>(type: "integer", nullable: false),
                    from_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    sold_gpu_seconds = table.Column<long>(type: "bigint", nullable: false),
                    delivered_gpu_seconds = table.Column<long>(type: "bigint", nullable: true),
                    metered_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_lease_slots", x => new { x.lease_id, x.slot_index });
                    table.CheckConstraint("delivered_is_of_sold", "delivered_gpu_seconds BETWEEN 0 AND sold_gpu_seconds");
                    table.ForeignKey(
                        name: "FK_lease_slots_leases_lease_id",
                        column: x => x.lease_id,
                        principalSchema: "provider_registry",
                        principalTable: "leases",
                        principalColumn: "lease_id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.InsertData(
                schema: "provider_registry",
                table: "fact_head",
                columns: new[] { "id", "last_number", "published_number" },
                values: new object[] { 1, 0L, 0L });

            migrationBuilder.CreateIndex(
                name: "IX_engine_commands_command_id",
                schema: "provider_registry",
                table: "engine_commands",
                column: "command_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "engine_commands_unsent",
                schema: "provider_registry",
                table: "engine_commands",
                column: "id",
                filter: "sequence IS NULL");

            migrationBuilder.CreateIndex(
                name: "lease_slots_unmetered",
                schema: "provider_registry",
                table: "lease_slots",
                column: "to_time",
                filter: "metered_time IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_leases_buyer_id_lease_id",
                schema: "provider_registry",
                table: "leases",
                columns: new[] { "buyer_id", "lease_id" });

            migrationBuilder.CreateIndex(
                name: "IX_leases_node_id_to_time",
                schema: "provider_registry",
                table: "leases",
                columns: new[] { "node_id", "to_time" });

            migrationBuilder.CreateIndex(
                name: "IX_leases_provider_id_lease_id",
                schema: "provider_registry",
                table: "leases",
                columns: new[] { "provider_id", "lease_id" });

            migrationBuilder.CreateIndex(
                name: "leases_scheduled",
                schema: "provider_registry",
                table: "leases",
                column: "from_time",
                filter: "state = 'Scheduled'");

            migrationBuilder.CreateIndex(
                name: "IX_nodes_command_id",
                schema: "provider_registry",
                table: "nodes",
                column: "command_id");

            migrationBuilder.CreateIndex(
                name: "IX_nodes_provider_id_node_id",
                schema: "provider_registry",
                table: "nodes",
                columns: new[] { "provider_id", "node_id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "cursors",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "engine_commands",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "fact_head",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "facts",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "jobs",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "lease_slots",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "markets",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "node_requests",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "nodes",
                schema: "provider_registry");

            migrationBuilder.DropTable(
                name: "leases",
                schema: "provider_registry");
        }
    }
}
