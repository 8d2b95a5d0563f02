using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeExchange.OrderBook.Storage.Migrations
{
    /// <inheritdoc />
    public partial class RunRecordHash : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "record_sha256",
                schema: "order_book",
                table: "runs",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "solver",
                schema: "order_book",
                table: "runs",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "status",
                schema: "order_book",
                table: "runs",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "stopped",
                schema: "order_book",
                table: "runs",
                type: "text",
                nullable: false,
                defaultValue: "");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "record_sha256",
                schema: "order_book",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "solver",
                schema: "order_book",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "status",
                schema: "order_book",
                table: "runs");

            migrationBuilder.DropColumn(
                name: "stopped",
                schema: "order_book",
                table: "runs");
        }
    }
}
