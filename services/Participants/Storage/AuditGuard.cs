namespace ComputeExchange.Participants.Storage;

/// <summary>The triggers that let rows of the audit log be added and nothing else; part of the first migration.</summary>
internal static class AuditGuard
{
    public const string Make = """
        CREATE FUNCTION participants.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'The audit log is append-only: % is refused.', TG_OP USING ERRCODE = 'restrict_violation';
        END $$;
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON participants.audit_rows
            FOR EACH ROW EXECUTE FUNCTION participants.refuse_change();
        CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON participants.audit_rows
            FOR EACH STATEMENT EXECUTE FUNCTION participants.refuse_change();
        """;

    public const string Remove = """
        DROP TRIGGER append_only ON participants.audit_rows;
        DROP TRIGGER append_only_whole ON participants.audit_rows;
        DROP FUNCTION participants.refuse_change();
        """;
}
