using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeExchange.Settlement.Storage.Migrations
{
    /// <inheritdoc />
    public partial class DeliveryCorrections : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "corrected_compensation_micros",
                schema: "settlement",
                table: "lease_slots",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "corrected_gpu_seconds",
                schema: "settlement",
                table: "lease_slots",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "reference_micros_per_gpu_hour",
                schema: "settlement",
                table: "lease_slots",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "unnotified_gpu_seconds",
                schema: "settlement",
                table: "lease_slots",
                type: "bigint",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "delivery_corrections",
                schema: "settlement",
                columns: table => new
                {
                    dispute_id = table.Column<Guid>(type: "uuid", nullable: false),
                    lease_id = table.Column<long>(type: "bigint", nullable: false),
                    slot_index = table.Column<int>(type: "integer", nullable: false),
                    corrected_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    delivered_before_gpu_seconds = table.Column<long>(type: "bigint", nullable: false),
                    delivered_gpu_seconds = table.Column<long>(type: "bigint", nullable: false),
                    to_buyer_micros = table.Column<long>(type: "bigint", nullable: false),
                    reason = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_delivery_corrections", x => new { x.dispute_id, x.lease_id, x.slot_index });
                    table.ForeignKey(
                        name: "FK_delivery_corrections_lease_slots_lease_id_slot_index",
                        columns: x => new { x.lease_id, x.slot_index },
                        principalSchema: "settlement",
                        principalTable: "lease_slots",
                        principalColumns: new[] { "lease_id", "slot_index" },
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_delivery_corrections_lease_id_slot_index",
                schema: "settlement",
                table: "delivery_corrections",
                columns: new[] { "lease_id", "slot_index" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "delivery_corrections",
                schema: "settlement");

            migrationBuilder.DropColumn(
                name: "corrected_compensation_micros",
                schema: "settlement",
                table: "lease_slots");

            migrationBuilder.DropColumn(
                name: "corrected_gpu_seconds",
                schema: "settlement",
                table: "lease_slots");

            migrationBuilder.DropColumn(
                name: "reference_micros_per_gpu_hour",
                schema: "settlement",
                table: "lease_slots");

            migrationBuilder.DropColumn(
                name: "unnotified_gpu_seconds",
                schema: "settlement",
                table: "lease_slots");
        }
    }
}
