using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeExchange.OrderBook.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Futures : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "futures_accounts",
                schema: "order_book",
                columns: table => new
                {
                    account_index = table.Column<int>(type: "integer", nullable: false),
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_futures_accounts", x => x.account_index);
                });

            migrationBuilder.CreateTable(
                name: "futures_orders",
                schema: "order_book",
                columns: table => new
                {
                    order_id = table.Column<long>(type: "bigint", nullable: false),
                    account_index = table.Column<int>(type: "integer", nullable: false),
                    instrument_index = table.Column<int>(type: "integer", nullable: false),
                    client_order_id = table.Column<long>(type: "bigint", nullable: false),
                    side = table.Column<int>(type: "integer", nullable: false),
                    type = table.Column<int>(type: "integer", nullable: false),
                    time_in_force = table.Column<int>(type: "integer", nullable: false),
                    flags = table.Column<short>(type: "smallint", nullable: false),
                    self_trade_rule = table.Column<int>(type: "integer", nullable: false),
                    price_ticks = table.Column<int>(type: "integer", nullable: false),
                    stop_price_ticks = table.Column<int>(type: "integer", nullable: false),
                    peak_lot_count = table.Column<long>(type: "bigint", nullable: false),
                    expiry_seconds = table.Column<long>(type: "bigint", nullable: false),
                    placed_lot_count = table.Column<long>(type: "bigint", nullable: false),
                    replaced = table.Column<bool>(type: "boolean", nullable: false),
                    open_lot_count = table.Column<long>(type: "bigint", nullable: false),
                    shown_lot_count = table.Column<long>(type: "bigint", nullable: false),
                    filled_lot_count = table.Column<long>(type: "bigint", nullable: false),
                    filled_tick_lots = table.Column<long>(type: "bigint", nullable: false),
                    state = table.Column<int>(type: "integer", nullable: false),
                    cancel_reason = table.Column<int>(type: "integer", nullable: false),
                    placed_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    changed_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_futures_orders", x => x.order_id);
                });

            migrationBuilder.CreateTable(
                name: "futures_positions",
                schema: "order_book",
                columns: table => new
                {
                    account_index = table.Column<int>(type: "integer", nullable: false),
                    instrument_index = table.Column<int>(type: "integer", nullable: false),
                    lot_count = table.Column<long>(type: "bigint", nullable: false),
                    entry_tick_lots = table.Column<long>(type: "bigint", nullable: false),
                    closed_gain_tick_lots = table.Column<long>(type: "bigint", nullable: false),
                    bought_lot_count = table.Column<long>(type: "bigint", nullable: false),
                    sold_lot_count = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_futures_positions", x => new { x.account_index, x.instrument_index });
                });

            migrationBuilder.CreateTable(
                name: "futures_trades",
                schema: "order_book",
                columns: table => new
                {
                    trade_id = table.Column<long>(type: "bigint", nullable: false),
                    instrument_index = table.Column<int>(type: "integer", nullable: false),
                    price_ticks = table.Column<int>(type: "integer", nullable: false),
                    lot_count = table.Column<long>(type: "bigint", nullable: false),
                    buy_order_id = table.Column<long>(type: "bigint", nullable: false),
                    sell_order_id = table.Column<long>(type: "bigint", nullable: false),
                    buy_account_index = table.Column<int>(type: "integer", nullable: false),
                    sell_account_index = table.Column<int>(type: "integer", nullable: false),
                    buyer_came_later = table.Column<bool>(type: "boolean", nullable: false),
                    busted = table.Column<bool>(type: "boolean", nullable: false),
                    happened_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_futures_trades", x => x.trade_id);
                });

            migrationBuilder.CreateTable(
                name: "instruments",
                schema: "order_book",
                columns: table => new
                {
                    instrument_index = table.Column<int>(type: "integer", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    tick_value_micros = table.Column<long>(type: "bigint", nullable: false),
                    terms = table.Column<string>(type: "jsonb", nullable: false),
                    reference_ticks = table.Column<int>(type: "integer", nullable: false),
                    phase = table.Column<int>(type: "integer", nullable: false),
                    phase_until_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_price_ticks = table.Column<int>(type: "integer", nullable: false),
                    indicative_price_ticks = table.Column<int>(type: "integer", nullable: false),
                    indicative_lot_count = table.Column<long>(type: "bigint", nullable: false),
                    surplus_lot_count = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_instruments", x => x.instrument_index);
                });

            migrationBuilder.CreateTable(
                name: "order_outcomes",
                schema: "order_book",
                columns: table => new
                {
                    account_index = table.Column<int>(type: "integer", nullable: false),
                    client_order_id = table.Column<long>(type: "bigint", nullable: false),
                    is_replace = table.Column<bool>(type: "boolean", nullable: false),
                    order_id = table.Column<long>(type: "bigint", nullable: false),
                    lot_count = table.Column<long>(type: "bigint", nullable: false),
                    price_ticks = table.Column<int>(type: "integer", nullable: false),
                    reject_reason = table.Column<int>(type: "integer", nullable: false),
                    offending_value = table.Column<long>(type: "bigint", nullable: false),
                    kept_place = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_order_outcomes", x => new { x.account_index, x.client_order_id });
                });

            migrationBuilder.CreateTable(
                name: "orders_read",
                schema: "order_book",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_orders_read", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_futures_accounts_participant_id",
                schema: "order_book",
                table: "futures_accounts",
                column: "participant_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_futures_orders_account_index_client_order_id",
                schema: "order_book",
                table: "futures_orders",
                columns: new[] { "account_index", "client_order_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_futures_orders_account_index_order_id",
                schema: "order_book",
                table: "futures_orders",
                columns: new[] { "account_index", "order_id" });

            migrationBuilder.CreateIndex(
                name: "futures_orders_book",
                schema: "order_book",
                table: "futures_orders",
                columns: new[] { "instrument_index", "side", "price_ticks" },
                filter: "state = 1");

            migrationBuilder.CreateIndex(
                name: "futures_orders_open",
                schema: "order_book",
                table: "futures_orders",
                columns: new[] { "account_index", "state" },
                filter: "state IN (1, 2)");

            migrationBuilder.CreateIndex(
                name: "IX_futures_trades_buy_account_index_trade_id",
                schema: "order_book",
                table: "futures_trades",
                columns: new[] { "buy_account_index", "trade_id" });

            migrationBuilder.CreateIndex(
                name: "IX_futures_trades_instrument_index_trade_id",
                schema: "order_book",
                table: "futures_trades",
                columns: new[] { "instrument_index", "trade_id" });

            migrationBuilder.CreateIndex(
                name: "IX_futures_trades_sell_account_index_trade_id",
                schema: "order_book",
                table: "futures_trades",
                columns: new[] { "sell_account_index", "trade_id" });

            migrationBuilder.CreateIndex(
                name: "IX_instruments_name",
                schema: "order_book",
                table: "instruments",
                column: "name",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "futures_accounts",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "futures_orders",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "futures_positions",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "futures_trades",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "instruments",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "order_outcomes",
                schema: "order_book");

            migrationBuilder.DropTable(
                name: "orders_read",
                schema: "order_book");
        }
    }
}
