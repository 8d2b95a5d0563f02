using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeExchange.ProviderRegistry.Storage.Migrations
{
    /// <inheritdoc />
    public partial class LeaseTrace : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "trace_parent",
                schema: "provider_registry",
                table: "leases",
                type: "character varying(55)",
                maxLength: 55,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "trace_parent",
                schema: "provider_registry",
                table: "leases");
        }
    }
}
