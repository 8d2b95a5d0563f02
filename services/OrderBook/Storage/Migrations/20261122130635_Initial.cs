using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace ComputeExchange.OrderBook.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "order_book");

            migrationBuilder.CreateTable(
                name: "bids",
                schema: "order_book",
                columns: table => new
                {
                    bid_id = table.Column<long>(type: "bigint", nullable: false),
                    buyer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<int>(type: "integer", nullable: false),
                    markets = table.Column<string[]>(type: "text[]", nullable: false),
                    gpu_count = table.Column<int>(type: "integer", nullable: false),
                    from_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    run_slot_count = table.Column<int>(type: "integer", nullable: false),
                    limit_micros = table.Column<long>(type: "bigint", nullable: false),
                    reserved_micros = table.Column<long>(type: "bigint", nullable: false),
                    state = table.Column<int>(type: "integer", nullable: false),
                    filled_gpu_counts = table.Column<int[]>(type: "integer[]", nullable: false),
                    filled_gpu_minutes = table.Column<long>(type: "bigint", nullable: false),
                    cost_micros = table.Column<long>(type: "bigint", nullable: false),
                    placed_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    closed_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    close_reason = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_bids", x => x.bid_id);
                });

            migrationBuilder.CreateTable(
                name: "cursors",
                schema: "order_book",
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
                schema: "order_book",
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
                schema: "order_book",
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
                schema: "order_book",
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
                schema: "order_book",
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
                schema: "order_book",
                columns: table => new
                {
                    lease_id = table.Column<long>(type: "bigint", nullable: false),
                    run_id = table.Column<long>(type: "bigint", nullable: false),
                    bid_id = table.Column<long>(type: "bigint", nullable: false),
                    offer_id = table.Column<long>(type: "bigint", nullable: false),
                    buyer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    market = table.Column<string>(type: "text", nullable: false),
                    gpu_count = table.Column<int>(type: "integer", nullable: false),
                    from_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    gpu_minutes = table.Column<long>(type: "bigint", nullable: false),
                    cost_micros = table.Column<long>(type: "bigint", nullable: false),
                    happened_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_leases", x => x.lease_id);
                });

            migrationBuilder.CreateTable(
                name: "markets",
                schema: "order_book",
                columns: table => new
                {
                    market = table.Column<string>(type: "text", nullable: false),
                    state = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_markets", x => x.market);
                });

            migrationBuilder.CreateTable(
                name: "offers",
                schema: "order_book",
                columns: table => new
                {
                    offer_id = table.Column<long>(type: "bigint", nullable: false),
                    provider_id = table.Column<Guid>(type: "uuid", nullable: false),
                    node_id = table.Column<Guid>(type: "uuid", nullable: false),
                    market = table.Column<string>(type: "text", nullable: false),
                    gpu_count = table.Column<int>(type: "integer", nullable: false),
                    from_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    reserve_micros = table.Column<long>(type: "bigint", nullable: false),
                    prompt_reserve_micros = table.Column<long>(type: "bigint", nullable: false),
                    run_slot_count_min = table.Column<int>(type: "integer", nullable: false),
                    state = table.Column<int>(type: "integer", nullable: false),
                    sold_gpu_counts = table.Column<int[]>(type: "integer[]", nullable: false),
                    sold_gpu_minutes = table.Column<long>(type: "bigint", nullable: false),
                    proceeds_micros = table.Column<long>(type: "bigint", nullable: false),
                    placed_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    closed_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    close_reason = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_offers", x => x.offer_id);
                });

            migrationBuilder.CreateTable(
                name: "run_records",
                schema: "order_book",
                columns: table => new
                {
                    run_id = table.Column<long>(type: "bigint", nullable: false),
                    problem_gzip = table.Column<byte[]>(type: "bytea", nullable: false),
                    solution_gzip = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_run_records", x => x.run_id);
                });

            migrationBuilder.CreateTable(
                name: "runs",
                schema: "order_book",
                columns: table => new
                {
                    run_id = table.Column<long>(type: "bigint", nullable: false),
                    closed_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    cleared_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    reopened_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    bid_count = table.Column<int>(type: "integer", nullable: false),
                    offer_count = table.Column<int>(type: "integer", nullable: false),
                    lease_count = table.Column<int>(type: "integer", nullable: false),
                    welfare_micros = table.Column<long>(type: "bigint", nullable: false),
                    bound_micros = table.Column<long>(type: "bigint", nullable: false),
                    left_out_count = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_runs", x => x.run_id);
                });

            migrationBuilder.CreateTable(
                name: "settings",
                schema: "order_book",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    body = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_settings", x => x.id);
                });

            migrationBuilder.InsertData(
                schema: "order_book",
                table: "fact_head",
                columns: new[] { "id", "last_number", "published_number" },
                values: new object[] { 1, 0L, 0L });

            migrationBuilder.CreateIndex(
                name: "IX_bids_buyer_id_bid_id",
                schema: "order_book",
                table: "bids",
                columns: new[] { "buyer_id", "bid_id" });

            migrationBuilder.CreateIndex(
                name: "IX_bids_state_bid_id",
                schema: "order_book",
                table: "bids",
                columns: new[] { "state", "bid_id" });

            migrationBuilder.CreateIndex(
                name: "IX_engine_commands_command_id",
                schema: "order_book",
                table: "engine_commands",
                column: "command_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "engine_commands_unsent",
                schema: "order_book",
                table: "engine_commands",
                column: "id",
                filter: "sequence IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_leases_bid_id",
                schema: "order_book",
                table: "leases",
                column: "bid_id");

            migrationBuilder.CreateIndex(
                name: "IX_leases_buyer_id_lease_id",
                schema: "order_book",
                table: "leases",
                columns: new[] { "buyer_id", "lease_id" });

            migrationBuilder.CreateIndex(
                name: "IX_leases_market_lease_id",
                schema: "order_book",
                table: "leases",
                columns: new[] { "market", "lease_id" });

            migrationBuilder.CreateIndex(
                name: "IX_offers_provider_id_offer_id",
                schema: "order_book",
                table: "offers",
                columns: new[] { "provider_id", "offer_id" });

            migrationBuilder.CreateIndex(
                name: "IX_offers_state_offer_id",
                schema: "order_book",
                table: "offers",
                columns: new[] { "state", "offer_id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "bids",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "cursors",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "engine_commands",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "fact_head",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "facts",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "jobs",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "leases",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "markets",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "offers",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "run_records",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "runs",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "settings",
                schema: "order_book");
        }
    }
}
