using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeExchange.ProviderRegistry.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Resale : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "resold_from_lease_id",
                schema: "provider_registry",
                table: "leases",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateIndex(
                name: "IX_leases_resold_from_lease_id",
                schema: "provider_registry",
                table: "leases",
                column: "resold_from_lease_id",
                filter: "resold_from_lease_id > 0");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_leases_resold_from_lease_id",
                schema: "provider_registry",
                table: "leases");

            migrationBuilder.DropColumn(
                name: "resold_from_lease_id",
                schema: "provider_registry",
                table: "leases");
        }
    }
}
