using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace ComputeExchange.Pricing.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "pricing");

            migrationBuilder.CreateTable(
                name: "block_bids",
                schema: "pricing",
                columns: table => new
                {
                    bid_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_block_bids", x => x.bid_id);
                });

            migrationBuilder.CreateTable(
                name: "cursors",
                schema: "pricing",
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
                schema: "pricing",
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
                schema: "pricing",
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
                schema: "pricing",
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
                name: "index_values",
                schema: "pricing",
                columns: table => new
                {
                    index_name = table.Column<string>(type: "text", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    final = table.Column<bool>(type: "boolean", nullable: false),
                    value_micros = table.Column<long>(type: "bigint", nullable: false),
                    grade = table.Column<int>(type: "integer", nullable: false),
                    trade_count = table.Column<int>(type: "integer", nullable: false),
                    gpu_minutes = table.Column<long>(type: "bigint", nullable: false),
                    partition_prices_micros = table.Column<long?[]>(type: "bigint[]", nullable: false),
                    dropped_lease_ids = table.Column<long[]>(type: "bigint[]", nullable: false),
                    method_version = table.Column<int>(type: "integer", nullable: false),
                    inputs_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    published_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_index_values", x => new { x.index_name, x.day, x.final });
                });

            migrationBuilder.CreateTable(
                name: "jobs",
                schema: "pricing",
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
                name: "markets",
                schema: "pricing",
                columns: table => new
                {
                    market = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_markets", x => x.market);
                });

            migrationBuilder.CreateTable(
                name: "spot_prices",
                schema: "pricing",
                columns: table => new
                {
                    market = table.Column<string>(type: "text", nullable: false),
                    slot_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    run_id = table.Column<long>(type: "bigint", nullable: false),
                    cleared_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    price_micros = table.Column<long>(type: "bigint", nullable: false),
                    gpu_count = table.Column<int>(type: "integer", nullable: false),
                    minute_count = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_spot_prices", x => new { x.market, x.slot_time, x.run_id });
                });

            migrationBuilder.CreateTable(
                name: "trades",
                schema: "pricing",
                columns: table => new
                {
                    lease_id = table.Column<long>(type: "bigint", nullable: false),
                    part = table.Column<int>(type: "integer", nullable: false),
                    bid_id = table.Column<long>(type: "bigint", nullable: false),
                    market = table.Column<string>(type: "text", nullable: false),
                    buyer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    provider_id = table.Column<Guid>(type: "uuid", nullable: false),
                    price_micros = table.Column<long>(type: "bigint", nullable: false),
                    gpu_minutes = table.Column<long>(type: "bigint", nullable: false),
                    delivery_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    happened_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_trades", x => new { x.lease_id, x.part });
                });

            migrationBuilder.InsertData(
                schema: "pricing",
                table: "fact_head",
                columns: new[] { "id", "last_number", "published_number" },
                values: new object[] { 1, 0L, 0L });

            migrationBuilder.CreateIndex(
                name: "IX_engine_commands_command_id",
                schema: "pricing",
                table: "engine_commands",
                column: "command_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "engine_commands_unsent",
                schema: "pricing",
                table: "engine_commands",
                column: "id",
                filter: "sequence IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_index_values_day",
                schema: "pricing",
                table: "index_values",
                column: "day");

            migrationBuilder.CreateIndex(
                name: "IX_spot_prices_market_cleared_time",
                schema: "pricing",
                table: "spot_prices",
                columns: new[] { "market", "cleared_time" });

            migrationBuilder.CreateIndex(
                name: "IX_trades_market_happened_time",
                schema: "pricing",
                table: "trades",
                columns: new[] { "market", "happened_time" });

            PublishedForGood.Guard(migrationBuilder);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "block_bids",
                schema: "pricing");

            migrationBuilder.DropTable(
                name: "cursors",
                schema: "pricing");

            migrationBuilder.DropTable(
                name: "engine_commands",
                schema: "pricing");

            migrationBuilder.DropTable(
                name: "fact_head",
                schema: "pricing");

            migrationBuilder.DropTable(
                name: "facts",
                schema: "pricing");

            migrationBuilder.DropTable(
                name: "index_values",
                schema: "pricing");

            migrationBuilder.DropTable(
                name: "jobs",
                schema: "pricing");

            migrationBuilder.DropTable(
                name: "markets",
                schema: "pricing");

            migrationBuilder.DropTable(
                name: "spot_prices",
                schema: "pricing");

            migrationBuilder.DropTable(
                name: "trades",
                schema: "pricing");
        }
    }
}
