using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeExchange.OrderBook.Storage.Migrations
{
    /// <inheritdoc />
    public partial class BidLanguage : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "lease_id",
                schema: "order_book",
                table: "offers",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long[]>(
                name: "slot_reserve_micros",
                schema: "order_book",
                table: "offers",
                type: "bigint[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<bool>(
                name: "is_own",
                schema: "order_book",
                table: "leases",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "group_name",
                schema: "order_book",
                table: "bids",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<int>(
                name: "held_gpu_count",
                schema: "order_book",
                table: "bids",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "held_until_time",
                schema: "order_book",
                table: "bids",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "interruption_price_micros",
                schema: "order_book",
                table: "bids",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "interruption_reason",
                schema: "order_book",
                table: "bids",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "min_fill_per_mille",
                schema: "order_book",
                table: "bids",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "node_gpu_count",
                schema: "order_book",
                table: "bids",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "parent_bid_id",
                schema: "order_book",
                table: "bids",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "standing_state",
                schema: "order_book",
                table: "bids",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTimeOffset[]>(
                name: "start_times",
                schema: "order_book",
                table: "bids",
                type: "timestamp with time zone[]",
                nullable: false,
                defaultValueSql: "'{}'");

            // Blocks that were placed before there was a minimum fill are filled whole or not at all.
            migrationBuilder.Sql("UPDATE order_book.bids SET min_fill_per_mille = 1000 WHERE kind = 2");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "lease_id",
                schema: "order_book",
                table: "offers");

            migrationBuilder.DropColumn(
                name: "slot_reserve_micros",
                schema: "order_book",
                table: "offers");

            migrationBuilder.DropColumn(
                name: "is_own",
                schema: "order_book",
                table: "leases");

            migrationBuilder.DropColumn(
                name: "group_name",
                schema: "order_book",
                table: "bids");

            migrationBuilder.DropColumn(
                name: "held_gpu_count",
                schema: "order_book",
                table: "bids");

            migrationBuilder.DropColumn(
                name: "held_until_time",
                schema: "order_book",
                table: "bids");

            migrationBuilder.DropColumn(
                name: "interruption_price_micros",
                schema: "order_book",
                table: "bids");

            migrationBuilder.DropColumn(
                name: "interruption_reason",
                schema: "order_book",
                table: "bids");

            migrationBuilder.DropColumn(
                name: "min_fill_per_mille",
                schema: "order_book",
                table: "bids");

            migrationBuilder.DropColumn(
                name: "node_gpu_count",
                schema: "order_book",
                table: "bids");

            migrationBuilder.DropColumn(
                name: "parent_bid_id",
                schema: "order_book",
                table: "bids");

            migrationBuilder.DropColumn(
                name: "standing_state",
                schema: "order_book",
                table: "bids");

            migrationBuilder.DropColumn(
                name: "start_times",
                schema: "order_book",
                table: "bids");
        }
    }
}
