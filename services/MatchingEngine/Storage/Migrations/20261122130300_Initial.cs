using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeExchange.MatchingEngine.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "matching_engine");

            migrationBuilder.CreateTable(
                name: "commands",
                schema: "matching_engine",
                columns: table => new
                {
                    shard = table.Column<int>(type: "integer", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    epoch = table.Column<long>(type: "bigint", nullable: false),
                    command_id = table.Column<Guid>(type: "uuid", nullable: false),
                    engine_version = table.Column<string>(type: "text", nullable: false),
                    at_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    trace_parent = table.Column<string>(type: "text", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_commands", x => new { x.shard, x.sequence });
                });

            migrationBuilder.CreateTable(
                name: "events",
                schema: "matching_engine",
                columns: table => new
                {
                    shard = table.Column<int>(type: "integer", nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_events", x => new { x.shard, x.number });
                });

            migrationBuilder.CreateTable(
                name: "shard_owner",
                schema: "matching_engine",
                columns: table => new
                {
                    shard = table.Column<int>(type: "integer", nullable: false),
                    epoch = table.Column<long>(type: "bigint", nullable: false),
                    owner = table.Column<string>(type: "text", nullable: false),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_shard_owner", x => x.shard);
                });

            migrationBuilder.CreateIndex(
                name: "IX_commands_shard_command_id",
                schema: "matching_engine",
                table: "commands",
                columns: new[] { "shard", "command_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_events_shard_sequence",
                schema: "matching_engine",
                table: "events",
                columns: new[] { "shard", "sequence" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "commands",
                schema: "matching_engine");

            migrationBuilder.DropTable(
                name: "events",
                schema: "matching_engine");

            migrationBuilder.DropTable(
                name: "shard_owner",
                schema: "matching_engine");
        }
    }
}
