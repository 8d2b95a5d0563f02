namespace ComputeExchange.Settlement.Storage.Migrations;

/// <summary>What the database itself enforces of the ledger. Part of the first migration: a change is a new migration.</summary>
internal static class LedgerRules
{
    public const string DropSql =
        """
        DROP TRIGGER move_balances ON settlement.transfers;
        DROP TRIGGER transfers_stand ON settlement.transfers;
        DROP TRIGGER accounts_stand ON settlement.accounts;
        DROP TRIGGER guard_account ON settlement.accounts;
        DROP FUNCTION settlement.move_balances(), settlement.refuse_change(), settlement.guard_account();
        """;

    /// <summary>The two accounts that are nobody's, and the rules.</summary>
    public const string Sql =
        """
        INSERT INTO settlement.accounts (name, kind, owner_id, balance_micros) VALUES ('bank', 'bank', NULL, 0), ('fees', 'fees', NULL, 0);

        """ + Functions;

    /// <summary>The rules alone, for a later migration that is taken back.</summary>
    public const string Functions =
        """
        -- Inserting transfers is the only way by which balances move: what one account gives, another gets.
        CREATE FUNCTION settlement.move_balances() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            meant bigint;
            moved bigint;
        BEGIN
            -- One order for everyone, so that two postings never wait for each other in a circle.
            PERFORM 1 FROM settlement.accounts
            WHERE name IN (SELECT debit_account FROM made UNION SELECT credit_account FROM made)
            ORDER BY name COLLATE "C" FOR NO KEY UPDATE;

            SELECT count(*) INTO meant FROM (SELECT debit_account FROM made UNION SELECT credit_account FROM made) AS named;

            UPDATE settlement.accounts AS account SET balance_micros = account.balance_micros + net.micros
            FROM (
                SELECT name, sum(micros)::bigint AS micros
                FROM (
                    SELECT debit_account AS name, -amount_micros AS micros FROM made
                    UNION ALL
                    SELECT credit_account, amount_micros FROM made
                ) AS sides
                GROUP BY name
            ) AS net
            WHERE account.name = net.name;
            GET DIAGNOSTICS moved = ROW_COUNT;

            IF moved <> meant THEN
                RAISE EXCEPTION 'A transfer names an account that is not open.' USING ERRCODE = 'foreign_key_violation';
            END IF;
            RETURN NULL;
        END $$;

        CREATE TRIGGER move_balances AFTER INSERT ON settlement.transfers
            REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION settlement.move_balances();

        CREATE FUNCTION settlement.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'The ledger is never changed: post a transfer.' USING ERRCODE = 'integrity_constraint_violation';
        END $$;

        CREATE TRIGGER transfers_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.transfers
            FOR EACH STATEMENT EXECUTE FUNCTION settlement.refuse_change();
        CREATE TRIGGER accounts_stand BEFORE DELETE OR TRUNCATE ON settlement.accounts
            FOR EACH STATEMENT EXECUTE FUNCTION settlement.refuse_change();

        -- An account opens empty, keeps its name and owner, and its balance is changed from inside move_balances only: one level deeper.
        CREATE FUNCTION settlement.guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' AND NEW.balance_micros = 0 THEN RETURN NEW; END IF;
            IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1
                AND (NEW.name, NEW.kind) = (OLD.name, OLD.kind) AND NEW.owner_id IS NOT DISTINCT FROM OLD.owner_id THEN RETURN NEW; END IF;
            RAISE EXCEPTION 'A balance moves by a transfer only.' USING ERRCODE = 'integrity_constraint_violation';
        END $$;

        CREATE TRIGGER guard_account BEFORE INSERT OR UPDATE ON settlement.accounts
            FOR EACH ROW EXECUTE FUNCTION settlement.guard_account();
        """;
}
