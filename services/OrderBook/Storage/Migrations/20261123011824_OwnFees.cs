using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeExchange.OrderBook.Storage.Migrations
{
    /// <inheritdoc />
    public partial class OwnFees : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "fees",
                schema: "order_book",
                columns: table => new
                {
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    buyer_fee_ppm = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_fees", x => x.participant_id);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "fees",
                schema: "order_book");
        }
    }
}
