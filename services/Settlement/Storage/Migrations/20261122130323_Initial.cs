using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace ComputeExchange.Settlement.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "settlement");

            migrationBuilder.CreateTable(
                name: "accounts",
                schema: "settlement",
                columns: table => new
                {
                    name = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    kind = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    owner_id = table.Column<Guid>(type: "uuid", nullable: true),
                    balance_micros = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_accounts", x => x.name);
                    table.CheckConstraint("accounts_kind", "kind IN ('bank', 'transit', 'collateral', 'escrow', 'earnings', 'fees')");
                    table.CheckConstraint("accounts_not_negative", "balance_micros >= 0 OR kind = 'bank'");
                });

            migrationBuilder.CreateTable(
                name: "cursors",
                schema: "settlement",
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
                name: "deposits",
                schema: "settlement",
                columns: table => new
                {
                    deposit_id = table.Column<Guid>(type: "uuid", nullable: false),
                    request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    amount_micros = table.Column<long>(type: "bigint", nullable: false),
                    operator_id = table.Column<Guid>(type: "uuid", nullable: false),
                    booked_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    command_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_deposits", x => x.deposit_id);
                });

            migrationBuilder.CreateTable(
                name: "engine_commands",
                schema: "settlement",
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
                schema: "settlement",
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
                schema: "settlement",
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
                schema: "settlement",
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
                schema: "settlement",
                columns: table => new
                {
                    lease_id = table.Column<long>(type: "bigint", nullable: false),
                    run_id = table.Column<long>(type: "bigint", nullable: false),
                    buyer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    provider_id = table.Column<Guid>(type: "uuid", nullable: false),
                    market = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_leases", x => x.lease_id);
                });

            migrationBuilder.CreateTable(
                name: "payouts",
                schema: "settlement",
                columns: table => new
                {
                    payout_id = table.Column<Guid>(type: "uuid", nullable: false),
                    provider_id = table.Column<Guid>(type: "uuid", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    amount_micros = table.Column<long>(type: "bigint", nullable: false),
                    paid_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_payouts", x => x.payout_id);
                });

            migrationBuilder.CreateTable(
                name: "reference_prices",
                schema: "settlement",
                columns: table => new
                {
                    market = table.Column<string>(type: "text", nullable: false),
                    slot_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    price_micros_per_gpu_hour = table.Column<long>(type: "bigint", nullable: false),
                    run_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_reference_prices", x => new { x.market, x.slot_time });
                });

            migrationBuilder.CreateTable(
                name: "transfers",
                schema: "settlement",
                columns: table => new
                {
                    number = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    debit_account = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    credit_account = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    amount_micros = table.Column<long>(type: "bigint", nullable: false),
                    kind = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    cause = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    happened_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    feed_number = table.Column<long>(type: "bigint", nullable: true),
                    debit_owner_id = table.Column<Guid>(type: "uuid", nullable: true),
                    credit_owner_id = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_transfers", x => x.number);
                    table.CheckConstraint("transfers_amount", "amount_micros > 0");
                    table.CheckConstraint("transfers_two_accounts", "debit_account <> credit_account");
                });

            migrationBuilder.CreateTable(
                name: "withdrawals",
                schema: "settlement",
                columns: table => new
                {
                    withdrawal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    amount_micros = table.Column<long>(type: "bigint", nullable: false),
                    destination = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    state = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    requested_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    command_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_withdrawals", x => x.withdrawal_id);
                    table.CheckConstraint("withdrawals_state", "state IN ('PENDING', 'PAID', 'REFUSED')");
                });

            migrationBuilder.CreateTable(
                name: "lease_slots",
                schema: "settlement",
                columns: table => new
                {
                    lease_id = table.Column<long>(type: "bigint", nullable: false),
                    slot_index = table.Column<int>(type: "integer", nullable: false),
                    from_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    to_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    price_micros_per_gpu_hour = table.Column<long>(type: "bigint", nullable: false),
                    cost_micros = table.Column<long>(type: "bigint", nullable: false),
                    buyer_fee_micros = table.Column<long>(type: "bigint", nullable: false),
                    seller_fee_micros = table.Column<long>(type: "bigint", nullable: false),
                    bond_micros = table.Column<long>(type: "bigint", nullable: false),
                    metered_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    sold_gpu_seconds = table.Column<long>(type: "bigint", nullable: true),
                    delivered_gpu_seconds = table.Column<long>(type: "bigint", nullable: true),
                    compensation_micros = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_lease_slots", x => new { x.lease_id, x.slot_index });
                    table.ForeignKey(
                        name: "FK_lease_slots_leases_lease_id",
                        column: x => x.lease_id,
                        principalSchema: "settlement",
                        principalTable: "leases",
                        principalColumn: "lease_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.InsertData(
                schema: "settlement",
                table: "fact_head",
                columns: new[] { "id", "last_number", "published_number" },
                values: new object[] { 1, 0L, 0L });

            migrationBuilder.CreateIndex(
                name: "accounts_of_owner",
                schema: "settlement",
                table: "accounts",
                column: "owner_id");

            migrationBuilder.CreateIndex(
                name: "deposits_by_command",
                schema: "settlement",
                table: "deposits",
                column: "command_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "deposits_once",
                schema: "settlement",
                table: "deposits",
                column: "request_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_engine_commands_command_id",
                schema: "settlement",
                table: "engine_commands",
                column: "command_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "engine_commands_unsent",
                schema: "settlement",
                table: "engine_commands",
                column: "id",
                filter: "sequence IS NULL");

            migrationBuilder.CreateIndex(
                name: "lease_slots_in_escrow",
                schema: "settlement",
                table: "lease_slots",
                column: "lease_id",
                filter: "metered_time IS NULL");

            migrationBuilder.CreateIndex(
                name: "payouts_once",
                schema: "settlement",
                table: "payouts",
                columns: new[] { "provider_id", "day" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "transfers_by_feed_number",
                schema: "settlement",
                table: "transfers",
                column: "feed_number")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.CreateIndex(
                name: "transfers_by_time",
                schema: "settlement",
                table: "transfers",
                column: "happened_time")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.CreateIndex(
                name: "transfers_from_owner",
                schema: "settlement",
                table: "transfers",
                columns: new[] { "debit_owner_id", "number" });

            migrationBuilder.CreateIndex(
                name: "transfers_once",
                schema: "settlement",
                table: "transfers",
                columns: new[] { "cause", "kind" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "transfers_to_owner",
                schema: "settlement",
                table: "transfers",
                columns: new[] { "credit_owner_id", "number" });

            migrationBuilder.CreateIndex(
                name: "withdrawals_by_command",
                schema: "settlement",
                table: "withdrawals",
                column: "command_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "withdrawals_once",
                schema: "settlement",
                table: "withdrawals",
                columns: new[] { "participant_id", "request_id" },
                unique: true);

            migrationBuilder.Sql(LedgerRules.Sql);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(LedgerRules.DropSql);

            migrationBuilder.DropTable(
                name: "accounts",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "cursors",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "deposits",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "engine_commands",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "fact_head",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "facts",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "jobs",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "lease_slots",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "payouts",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "reference_prices",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "transfers",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "withdrawals",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "leases",
                schema: "settlement");
        }
    }
}
