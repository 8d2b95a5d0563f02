using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeExchange.OrderBook.Storage.Migrations
{
    /// <inheritdoc />
    public partial class NodeFilters : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "by_policy",
                schema: "order_book",
                table: "offers",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "where_filter",
                schema: "order_book",
                table: "bids",
                type: "text",
                nullable: false,
                defaultValue: "");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "by_policy",
                schema: "order_book",
                table: "offers");

            migrationBuilder.DropColumn(
                name: "where_filter",
                schema: "order_book",
                table: "bids");
        }
    }
}
