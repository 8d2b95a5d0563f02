using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace ComputeExchange.Participants.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "participants");

            migrationBuilder.CreateTable(
                name: "audit_head",
                schema: "participants",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    last_number = table.Column<long>(type: "bigint", nullable: false),
                    last_hash = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit_head", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "audit_rows",
                schema: "participants",
                columns: table => new
                {
                    number = table.Column<long>(type: "bigint", nullable: false),
                    happened_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    act = table.Column<string>(type: "text", nullable: false),
                    detail_json = table.Column<string>(type: "text", nullable: false),
                    hash = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit_rows", x => x.number);
                });

            migrationBuilder.CreateTable(
                name: "cursors",
                schema: "participants",
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
                schema: "participants",
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
                schema: "participants",
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
                schema: "participants",
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
                schema: "participants",
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
                name: "participants",
                schema: "participants",
                columns: table => new
                {
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    roles = table.Column<string[]>(type: "text[]", nullable: false),
                    active = table.Column<bool>(type: "boolean", nullable: false),
                    admitted_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    admitted_by = table.Column<Guid>(type: "uuid", nullable: false),
                    request_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_participants", x => x.participant_id);
                });

            migrationBuilder.CreateTable(
                name: "state_requests",
                schema: "participants",
                columns: table => new
                {
                    operator_id = table.Column<Guid>(type: "uuid", nullable: false),
                    request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    active = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_state_requests", x => new { x.operator_id, x.request_id });
                });

            migrationBuilder.CreateTable(
                name: "api_keys",
                schema: "participants",
                columns: table => new
                {
                    key_id = table.Column<string>(type: "text", nullable: false),
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    label = table.Column<string>(type: "text", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    revoked_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    made_by = table.Column<Guid>(type: "uuid", nullable: false),
                    request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    day_count = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_api_keys", x => x.key_id);
                    table.ForeignKey(
                        name: "FK_api_keys_participants_participant_id",
                        column: x => x.participant_id,
                        principalSchema: "participants",
                        principalTable: "participants",
                        principalColumn: "participant_id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.InsertData(
                schema: "participants",
                table: "audit_head",
                columns: new[] { "id", "last_hash", "last_number" },
                values: new object[] { 1, "0000000000000000000000000000000000000000000000000000000000000000", 0L });

            migrationBuilder.InsertData(
                schema: "participants",
                table: "fact_head",
                columns: new[] { "id", "last_number", "published_number" },
                values: new object[] { 1, 0L, 0L });

            migrationBuilder.CreateIndex(
                name: "IX_api_keys_made_by_request_id",
                schema: "participants",
                table: "api_keys",
                columns: new[] { "made_by", "request_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_api_keys_participant_id",
                schema: "participants",
                table: "api_keys",
                column: "participant_id");

            migrationBuilder.CreateIndex(
                name: "IX_engine_commands_command_id",
                schema: "participants",
                table: "engine_commands",
                column: "command_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "engine_commands_unsent",
                schema: "participants",
                table: "engine_commands",
                column: "id",
                filter: "sequence IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_participants_admitted_by_request_id",
                schema: "participants",
                table: "participants",
                columns: new[] { "admitted_by", "request_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_participants_admitted_time_participant_id",
                schema: "participants",
                table: "participants",
                columns: new[] { "admitted_time", "participant_id" });

            migrationBuilder.Sql(AuditGuard.Make);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(AuditGuard.Remove);

            migrationBuilder.DropTable(
                name: "api_keys",
                schema: "participants");

            migrationBuilder.DropTable(
                name: "audit_head",
                schema: "participants");

            migrationBuilder.DropTable(
                name: "audit_rows",
                schema: "participants");

            migrationBuilder.DropTable(
                name: "cursors",
                schema: "participants");

            migrationBuilder.DropTable(
                name: "engine_commands",
                schema: "participants");

            migrationBuilder.DropTable(
                name: "fact_head",
                schema: "participants");

            migrationBuilder.DropTable(
                name: "facts",
                schema: "participants");

            migrationBuilder.DropTable(
                name: "jobs",
                schema: "participants");

            migrationBuilder.DropTable(
                name: "state_requests",
                schema: "participants");

            migrationBuilder.DropTable(
                name: "participants",
                schema: "participants");
        }
    }
}
