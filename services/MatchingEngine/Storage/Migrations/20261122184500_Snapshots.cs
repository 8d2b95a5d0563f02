using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeExchange.MatchingEngine.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Snapshots : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "state_hash",
                schema: "matching_engine",
                table: "commands",
                type: "bytea",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "snapshots",
                schema: "matching_engine",
                columns: table => new
                {
                    shard = table.Column<int>(type: "integer", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    feed_number = table.Column<long>(type: "bigint", nullable: false),
                    engine_version = table.Column<string>(type: "text", nullable: false),
                    chain_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    state = table.Column<byte[]>(type: "bytea", nullable: false),
                    checksum = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_snapshots", x => new { x.shard, x.sequence });
                });

            // To compress a state takes the processor longer than it saves the disk.
            migrationBuilder.Sql("ALTER TABLE matching_engine.snapshots ALTER COLUMN state SET STORAGE EXTERNAL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "snapshots",
                schema: "matching_engine");

            migrationBuilder.DropColumn(
                name: "state_hash",
                schema: "matching_engine",
                table: "commands");
        }
    }
}
