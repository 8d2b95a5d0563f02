using Microsoft.EntityFrameworkCore.Migrations;

namespace ComputeExchange.Pricing.Storage.Migrations;

/// <summary>What was published is never restated: the table itself refuses it.</summary>
internal static class PublishedForGood
{
    /// <summary>Rows of <c>index_values</c> can be added, not changed or removed.</summary>
    public static void Guard(MigrationBuilder migration) => migration.Sql("""
        CREATE FUNCTION pricing.refuse_restatement() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'index % of % was published and is never restated', OLD.index_name, OLD.day;
        END $$;
        CREATE TRIGGER published_for_good BEFORE UPDATE OR DELETE ON pricing.index_values
            FOR EACH ROW EXECUTE FUNCTION pricing.refuse_restatement();
        """);
}
