using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace ComputeExchange.Settlement.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Money : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "withdrawals_state",
                schema: "settlement",
                table: "withdrawals");

            migrationBuilder.DropCheckConstraint(
                name: "accounts_kind",
                schema: "settlement",
                table: "accounts");

            migrationBuilder.DropCheckConstraint(
                name: "accounts_not_negative",
                schema: "settlement",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "destination",
                schema: "settlement",
                table: "withdrawals");

            migrationBuilder.AlterColumn<string>(
                name: "state",
                schema: "settlement",
                table: "withdrawals",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(10)",
                oldMaxLength: 10);

            migrationBuilder.AddColumn<Guid>(
                name: "destination_id",
                schema: "settlement",
                table: "withdrawals",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"));

            migrationBuilder.AddColumn<string>(
                name: "explanation",
                schema: "settlement",
                table: "withdrawals",
                type: "character varying(300)",
                maxLength: 300,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<uint>(
                name: "xmin",
                schema: "settlement",
                table: "withdrawals",
                type: "xid",
                rowVersion: true,
                nullable: false,
                defaultValue: 0u);

            migrationBuilder.AlterColumn<long>(
                name: "number",
                schema: "settlement",
                table: "transfers",
                type: "bigint",
                nullable: false,
                oldClrType: typeof(long),
                oldType: "bigint")
                .OldAnnotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "expires_time",
                schema: "settlement",
                table: "transfers",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "hash",
                schema: "settlement",
                table: "transfers",
                type: "bytea",
                nullable: false,
                defaultValue: new byte[0]);

            migrationBuilder.AddColumn<long>(
                name: "pending_number",
                schema: "settlement",
                table: "transfers",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<short>(
                name: "phase",
                schema: "settlement",
                table: "transfers",
                type: "smallint",
                nullable: false,
                defaultValue: (short)0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "recorded_time",
                schema: "settlement",
                table: "transfers",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<long>(
                name: "compensated_micros",
                schema: "settlement",
                table: "lease_slots",
                type: "bigint",
                nullable: true);

            migrationBuilder.AlterColumn<Guid>(
                name: "participant_id",
                schema: "settlement",
                table: "deposits",
                type: "uuid",
                nullable: true,
                oldClrType: typeof(Guid),
                oldType: "uuid");

            migrationBuilder.AlterColumn<Guid>(
                name: "operator_id",
                schema: "settlement",
                table: "deposits",
                type: "uuid",
                nullable: true,
                oldClrType: typeof(Guid),
                oldType: "uuid");

            migrationBuilder.AddColumn<string>(
                name: "rail",
                schema: "settlement",
                table: "deposits",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "manual");

            migrationBuilder.AddColumn<string>(
                name: "rail_reference",
                schema: "settlement",
                table: "deposits",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "state",
                schema: "settlement",
                table: "deposits",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "BOOKED");

            migrationBuilder.AddColumn<uint>(
                name: "xmin",
                schema: "settlement",
                table: "deposits",
                type: "xid",
                rowVersion: true,
                nullable: false,
                defaultValue: 0u);

            migrationBuilder.AlterColumn<long>(
                name: "balance_micros",
                schema: "settlement",
                table: "accounts",
                type: "bigint",
                nullable: false,
                defaultValue: 0L,
                oldClrType: typeof(long),
                oldType: "bigint");

            migrationBuilder.AddColumn<long>(
                name: "ceiling_micros",
                schema: "settlement",
                table: "accounts",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "floor_micros",
                schema: "settlement",
                table: "accounts",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "pending_in_micros",
                schema: "settlement",
                table: "accounts",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "pending_out_micros",
                schema: "settlement",
                table: "accounts",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "approvals",
                schema: "settlement",
                columns: table => new
                {
                    withdrawal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    operator_id = table.Column<Guid>(type: "uuid", nullable: false),
                    approved_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_approvals", x => new { x.withdrawal_id, x.operator_id });
                });

            migrationBuilder.CreateTable(
                name: "breaks",
                schema: "settlement",
                columns: table => new
                {
                    break_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    check_name = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    subject = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    text = table.Column<string>(type: "text", nullable: false),
                    found_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    cleared_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_breaks", x => x.break_id);
                });

            migrationBuilder.CreateTable(
                name: "destinations",
                schema: "settlement",
                columns: table => new
                {
                    destination_id = table.Column<Guid>(type: "uuid", nullable: false),
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    added_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    removed_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_destinations", x => x.destination_id);
                });

            migrationBuilder.CreateTable(
                name: "documents",
                schema: "settlement",
                columns: table => new
                {
                    document_id = table.Column<Guid>(type: "uuid", nullable: false),
                    number = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    kind = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    from_day = table.Column<DateOnly>(type: "date", nullable: false),
                    to_day = table.Column<DateOnly>(type: "date", nullable: false),
                    through_number = table.Column<long>(type: "bigint", nullable: false),
                    total_micros = table.Column<long>(type: "bigint", nullable: false),
                    body = table.Column<string>(type: "text", nullable: false),
                    created_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_documents", x => x.document_id);
                    table.CheckConstraint("documents_kind", "kind IN ('INVOICE', 'PAYOUT_STATEMENT', 'STATEMENT')");
                    table.CheckConstraint("documents_period", "from_day < to_day");
                });

            migrationBuilder.CreateTable(
                name: "fee_schedules",
                schema: "settlement",
                columns: table => new
                {
                    from_day = table.Column<DateOnly>(type: "date", nullable: false),
                    tiers = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_fee_schedules", x => x.from_day);
                });

            migrationBuilder.CreateTable(
                name: "ledger_head",
                schema: "settlement",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    last_number = table.Column<long>(type: "bigint", nullable: false),
                    last_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    recorded_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ledger_head", x => x.id);
                    table.CheckConstraint("ledger_head_one", "id = 1");
                });

            migrationBuilder.CreateTable(
                name: "ledger_watch",
                schema: "settlement",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    compared_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    feed_number = table.Column<long>(type: "bigint", nullable: false),
                    checked_number = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ledger_watch", x => x.id);
                    table.CheckConstraint("ledger_watch_one", "id = 1");
                });

            migrationBuilder.CreateTable(
                name: "participant_fees",
                schema: "settlement",
                columns: table => new
                {
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    buyer_ppm = table.Column<int>(type: "integer", nullable: false),
                    seller_ppm = table.Column<int>(type: "integer", nullable: false),
                    volume_micros = table.Column<long>(type: "bigint", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_participant_fees", x => x.participant_id);
                });

            migrationBuilder.CreateTable(
                name: "payment_rules",
                schema: "settlement",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    halted_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    halt_reason = table.Column<string>(type: "text", nullable: false),
                    single_micros = table.Column<long>(type: "bigint", nullable: false),
                    daily_micros = table.Column<long>(type: "bigint", nullable: false),
                    approval_micros = table.Column<long>(type: "bigint", nullable: false),
                    cooling_minutes = table.Column<long>(type: "bigint", nullable: false),
                    last_file_number = table.Column<long>(type: "bigint", nullable: false),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_payment_rules", x => x.id);
                    table.CheckConstraint("payment_rules_one", "id = 1");
                });

            migrationBuilder.CreateTable(
                name: "payments",
                schema: "settlement",
                columns: table => new
                {
                    payment_id = table.Column<Guid>(type: "uuid", nullable: false),
                    purpose = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    destination_id = table.Column<Guid>(type: "uuid", nullable: true),
                    amount_micros = table.Column<long>(type: "bigint", nullable: false),
                    rail = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    state = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    rail_reference = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    explanation = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false),
                    file_number = table.Column<long>(type: "bigint", nullable: true),
                    created_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    sent_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_payments", x => x.payment_id);
                    table.CheckConstraint("payments_amount", "amount_micros > 0");
                    table.CheckConstraint("payments_purpose", "purpose IN ('WITHDRAWAL', 'PAYOUT')");
                    table.CheckConstraint("payments_state", "state IN ('READY', 'SENT', 'PAID', 'FAILED', 'REVERSED')");
                });

            migrationBuilder.CreateTable(
                name: "proposals",
                schema: "settlement",
                columns: table => new
                {
                    proposal_id = table.Column<Guid>(type: "uuid", nullable: false),
                    request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    parameters = table.Column<string>(type: "text", nullable: false),
                    hash = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    proposed_by = table.Column<Guid>(type: "uuid", nullable: false),
                    proposed_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    approved_by = table.Column<Guid>(type: "uuid", nullable: true),
                    approved_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    xmin = table.Column<uint>(type: "xid", rowVersion: true, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_proposals", x => x.proposal_id);
                    table.CheckConstraint("proposals_two_operators", "approved_by <> proposed_by");
                });

            migrationBuilder.CreateTable(
                name: "rail_events",
                schema: "settlement",
                columns: table => new
                {
                    rail = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    event_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    kind = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    payment_id = table.Column<Guid>(type: "uuid", nullable: true),
                    rail_reference = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    amount_micros = table.Column<long>(type: "bigint", nullable: false),
                    content_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    happened_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    received_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    outcome = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("rail_events_once", x => new { x.rail, x.event_id });
                });

            migrationBuilder.CreateTable(
                name: "tax_codes",
                schema: "settlement",
                columns: table => new
                {
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    tax_code = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tax_codes", x => x.participant_id);
                });

            migrationBuilder.CreateTable(
                name: "tax_rates",
                schema: "settlement",
                columns: table => new
                {
                    tax_code = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: false),
                    from_day = table.Column<DateOnly>(type: "date", nullable: false),
                    rate_ppm = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tax_rates", x => new { x.tax_code, x.from_day });
                    table.CheckConstraint("tax_rates_rate", "rate_ppm BETWEEN 0 AND 500000");
                });

            migrationBuilder.Sql(LedgerChainSql.Backfill);

            migrationBuilder.InsertData(
                schema: "settlement",
                table: "ledger_watch",
                columns: new[] { "id", "checked_number", "compared_time", "feed_number" },
                values: new object[] { 1, 0L, null, 0L });

            migrationBuilder.InsertData(
                schema: "settlement",
                table: "payment_rules",
                columns: new[] { "id", "approval_micros", "cooling_minutes", "daily_micros", "halt_reason", "halted_time", "last_file_number", "single_micros" },
                values: new object[] { 1, 100000000000L, 1440L, 5000000000000L, "", null, 0L, 1000000000000L });

            migrationBuilder.AddCheckConstraint(
                name: "withdrawals_state",
                schema: "settlement",
                table: "withdrawals",
                sql: "state IN ('PENDING', 'REFUSED', 'AWAITING_APPROVAL', 'READY', 'SENT', 'PAID', 'FAILED', 'REVERSED', 'REJECTED')");

            migrationBuilder.CreateIndex(
                name: "transfers_by_recorded_time",
                schema: "settlement",
                table: "transfers",
                column: "recorded_time")
                .Annotation("Npgsql:IndexMethod", "brin");

            migrationBuilder.CreateIndex(
                name: "transfers_end_once",
                schema: "settlement",
                table: "transfers",
                column: "pending_number",
                unique: true,
                filter: "pending_number IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "transfers_pending",
                schema: "settlement",
                table: "transfers",
                column: "number",
                filter: "phase = 1");

            migrationBuilder.AddCheckConstraint(
                name: "transfers_expiry",
                schema: "settlement",
                table: "transfers",
                sql: "expires_time IS NULL OR phase = 1");

            migrationBuilder.AddCheckConstraint(
                name: "transfers_phase",
                schema: "settlement",
                table: "transfers",
                sql: "phase BETWEEN 0 AND 4 AND (phase >= 2) = (pending_number IS NOT NULL)");

            migrationBuilder.AddCheckConstraint(
                name: "deposits_owner",
                schema: "settlement",
                table: "deposits",
                sql: "participant_id IS NOT NULL OR state IN ('UNMATCHED', 'FAILED', 'REVERSED')");

            migrationBuilder.AddCheckConstraint(
                name: "deposits_state",
                schema: "settlement",
                table: "deposits",
                sql: "state IN ('ANNOUNCED', 'BOOKED', 'RETURNED', 'FAILED', 'REVERSED', 'UNMATCHED')");

            migrationBuilder.AddCheckConstraint(
                name: "accounts_floor",
                schema: "settlement",
                table: "accounts",
                sql: "(floor_micros IS NOT NULL AND floor_micros >= 0) OR kind IN ('bank', 'receivable')");

            migrationBuilder.AddCheckConstraint(
                name: "accounts_kind",
                schema: "settlement",
                table: "accounts",
                sql: "kind IN ('bank', 'transit', 'collateral', 'escrow', 'earnings', 'fees', 'suspense', 'receivable', 'tax')");

            migrationBuilder.AddCheckConstraint(
                name: "accounts_not_above",
                schema: "settlement",
                table: "accounts",
                sql: "balance_micros + pending_in_micros <= ceiling_micros");

            migrationBuilder.AddCheckConstraint(
                name: "accounts_not_negative",
                schema: "settlement",
                table: "accounts",
                sql: "balance_micros - pending_out_micros >= floor_micros");

            migrationBuilder.AddCheckConstraint(
                name: "accounts_pending",
                schema: "settlement",
                table: "accounts",
                sql: "pending_out_micros >= 0 AND pending_in_micros >= 0");

            migrationBuilder.CreateIndex(
                name: "breaks_open",
                schema: "settlement",
                table: "breaks",
                columns: new[] { "check_name", "subject" },
                unique: true,
                filter: "cleared_time IS NULL");

            migrationBuilder.CreateIndex(
                name: "destinations_of_participant",
                schema: "settlement",
                table: "destinations",
                column: "participant_id");

            migrationBuilder.CreateIndex(
                name: "documents_by_number",
                schema: "settlement",
                table: "documents",
                column: "number",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "documents_once",
                schema: "settlement",
                table: "documents",
                columns: new[] { "participant_id", "kind", "from_day", "to_day" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "payments_of_file",
                schema: "settlement",
                table: "payments",
                column: "file_number",
                filter: "file_number IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "payments_of_participant",
                schema: "settlement",
                table: "payments",
                column: "participant_id");

            migrationBuilder.CreateIndex(
                name: "payments_open",
                schema: "settlement",
                table: "payments",
                column: "created_time",
                filter: "state IN ('READY', 'SENT')");

            migrationBuilder.CreateIndex(
                name: "proposals_by_time",
                schema: "settlement",
                table: "proposals",
                column: "proposed_time");

            migrationBuilder.CreateIndex(
                name: "proposals_once",
                schema: "settlement",
                table: "proposals",
                columns: new[] { "proposed_by", "request_id" },
                unique: true);

            migrationBuilder.Sql(LedgerChainSql.Rules);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(LedgerChainSql.Drop);
            migrationBuilder.Sql(LedgerRules.DropSql);
            migrationBuilder.Sql("DELETE FROM settlement.accounts WHERE kind = 'suspense'");

            migrationBuilder.DropTable(
                name: "approvals",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "breaks",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "destinations",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "documents",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "fee_schedules",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "ledger_head",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "ledger_watch",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "participant_fees",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "payment_rules",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "payments",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "proposals",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "rail_events",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "tax_codes",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "tax_rates",
                schema: "settlement");

            migrationBuilder.DropCheckConstraint(
                name: "withdrawals_state",
                schema: "settlement",
                table: "withdrawals");

            migrationBuilder.DropIndex(
                name: "transfers_by_recorded_time",
                schema: "settlement",
                table: "transfers");

            migrationBuilder.DropIndex(
                name: "transfers_end_once",
                schema: "settlement",
                table: "transfers");

            migrationBuilder.DropIndex(
                name: "transfers_pending",
                schema: "settlement",
                table: "transfers");

            migrationBuilder.DropCheckConstraint(
                name: "transfers_expiry",
                schema: "settlement",
                table: "transfers");

            migrationBuilder.DropCheckConstraint(
                name: "transfers_phase",
                schema: "settlement",
                table: "transfers");

            migrationBuilder.DropCheckConstraint(
                name: "deposits_owner",
                schema: "settlement",
                table: "deposits");

            migrationBuilder.DropCheckConstraint(
                name: "deposits_state",
                schema: "settlement",
                table: "deposits");

            migrationBuilder.DropCheckConstraint(
                name: "accounts_floor",
                schema: "settlement",
                table: "accounts");

            migrationBuilder.DropCheckConstraint(
                name: "accounts_kind",
                schema: "settlement",
                table: "accounts");

            migrationBuilder.DropCheckConstraint(
                name: "accounts_not_above",
                schema: "settlement",
                table: "accounts");

            migrationBuilder.DropCheckConstraint(
                name: "accounts_not_negative",
                schema: "settlement",
                table: "accounts");

            migrationBuilder.DropCheckConstraint(
                name: "accounts_pending",
                schema: "settlement",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "destination_id",
                schema: "settlement",
                table: "withdrawals");

            migrationBuilder.DropColumn(
                name: "explanation",
                schema: "settlement",
                table: "withdrawals");

            migrationBuilder.DropColumn(
                name: "xmin",
                schema: "settlement",
                table: "withdrawals");

            migrationBuilder.DropColumn(
                name: "expires_time",
                schema: "settlement",
                table: "transfers");

            migrationBuilder.DropColumn(
                name: "hash",
                schema: "settlement",
                table: "transfers");

            migrationBuilder.DropColumn(
                name: "pending_number",
                schema: "settlement",
                table: "transfers");

            migrationBuilder.DropColumn(
                name: "phase",
                schema: "settlement",
                table: "transfers");

            migrationBuilder.DropColumn(
                name: "recorded_time",
                schema: "settlement",
                table: "transfers");

            migrationBuilder.DropColumn(
                name: "compensated_micros",
                schema: "settlement",
                table: "lease_slots");

            migrationBuilder.DropColumn(
                name: "rail",
                schema: "settlement",
                table: "deposits");

            migrationBuilder.DropColumn(
                name: "rail_reference",
                schema: "settlement",
                table: "deposits");

            migrationBuilder.DropColumn(
                name: "state",
                schema: "settlement",
                table: "deposits");

            migrationBuilder.DropColumn(
                name: "xmin",
                schema: "settlement",
                table: "deposits");

            migrationBuilder.DropColumn(
                name: "ceiling_micros",
                schema: "settlement",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "floor_micros",
                schema: "settlement",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "pending_in_micros",
                schema: "settlement",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "pending_out_micros",
                schema: "settlement",
                table: "accounts");

            migrationBuilder.AlterColumn<string>(
                name: "state",
                schema: "settlement",
                table: "withdrawals",
                type: "character varying(10)",
                maxLength: 10,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(20)",
                oldMaxLength: 20);

            migrationBuilder.AddColumn<string>(
                name: "destination",
                schema: "settlement",
                table: "withdrawals",
                type: "character varying(100)",
                maxLength: 100,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AlterColumn<long>(
                name: "number",
                schema: "settlement",
                table: "transfers",
                type: "bigint",
                nullable: false,
                oldClrType: typeof(long),
                oldType: "bigint")
                .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn);

            migrationBuilder.AlterColumn<Guid>(
                name: "participant_id",
                schema: "settlement",
                table: "deposits",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"),
                oldClrType: typeof(Guid),
                oldType: "uuid",
                oldNullable: true);

            migrationBuilder.AlterColumn<Guid>(
                name: "operator_id",
                schema: "settlement",
                table: "deposits",
                type: "uuid",
                nullable: false,
                defaultValue: new Guid("00000000-0000-0000-0000-000000000000"),
                oldClrType: typeof(Guid),
                oldType: "uuid",
                oldNullable: true);

            migrationBuilder.AlterColumn<long>(
                name: "balance_micros",
                schema: "settlement",
                table: "accounts",
                type: "bigint",
                nullable: false,
                oldClrType: typeof(long),
                oldType: "bigint",
                oldDefaultValue: 0L);

            migrationBuilder.AddCheckConstraint(
                name: "withdrawals_state",
                schema: "settlement",
                table: "withdrawals",
                sql: "state IN ('PENDING', 'PAID', 'REFUSED')");

            migrationBuilder.AddCheckConstraint(
                name: "accounts_kind",
                schema: "settlement",
                table: "accounts",
                sql: "kind IN ('bank', 'transit', 'collateral', 'escrow', 'earnings', 'fees')");

            migrationBuilder.AddCheckConstraint(
                name: "accounts_not_negative",
                schema: "settlement",
                table: "accounts",
                sql: "balance_micros >= 0 OR kind = 'bank'");

            migrationBuilder.Sql(LedgerRules.Functions);
        }
    }
}
