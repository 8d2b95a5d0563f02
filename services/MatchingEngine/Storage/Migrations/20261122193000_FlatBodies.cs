using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeExchange.MatchingEngine.Storage.Migrations
{
    /// <summary>Bodies of thousands of orders are compressed by LZ4 where the server has it, else not at all: PostgreSQL's own compression is slower than the disk.</summary>
    [DbContext(typeof(EngineDb))]
    [Migration("20261122193000_FlatBodies")]
    public partial class FlatBodies : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
            DO $$
            BEGIN
                ALTER TABLE matching_engine.commands ALTER COLUMN body SET COMPRESSION lz4;
                ALTER TABLE matching_engine.events ALTER COLUMN body SET COMPRESSION lz4;
            EXCEPTION WHEN feature_not_supported THEN
                ALTER TABLE matching_engine.commands ALTER COLUMN body SET STORAGE EXTERNAL;
                ALTER TABLE matching_engine.events ALTER COLUMN body SET STORAGE EXTERNAL;
            END $$
            """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
            ALTER TABLE matching_engine.commands ALTER COLUMN body SET STORAGE EXTENDED, ALTER COLUMN body SET COMPRESSION default;
            ALTER TABLE matching_engine.events ALTER COLUMN body SET STORAGE EXTENDED, ALTER COLUMN body SET COMPRESSION default;
            """);
    }
}
