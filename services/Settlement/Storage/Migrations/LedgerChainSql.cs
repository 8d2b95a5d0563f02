namespace ComputeExchange.Settlement.Storage.Migrations;

/// <summary>What the database itself enforces of the chained, two-phase ledger. Part of the migration Money: a change is a new migration.</summary>
internal static class LedgerChainSql
{
    /// <summary>Before the new constraints: what older rows are under the new rules.</summary>
    public const string Backfill =
        """
        ALTER TABLE settlement.accounts DISABLE TRIGGER USER;
        ALTER TABLE settlement.transfers DISABLE TRIGGER USER;
        UPDATE settlement.accounts SET floor_micros = 0 WHERE kind NOT IN ('bank', 'receivable');
        UPDATE settlement.transfers AS transfer SET number = -counted.place, recorded_time = counted.latest
        FROM (
            SELECT number, row_number() OVER (ORDER BY number) AS place, max(happened_time) OVER (ORDER BY number) AS latest
            FROM settlement.transfers
        ) AS counted
        WHERE transfer.number = counted.number;
        UPDATE settlement.transfers SET number = -number;

        -- What a bond gave was not noted beside its slot; it was what was asked.
        UPDATE settlement.lease_slots SET compensated_micros = compensation_micros WHERE metered_time IS NOT NULL;

        -- Both are plain expressions that the planner puts in place: STABLE because convert_to is.
        CREATE FUNCTION settlement.text_bytes(value text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
            AS $$ SELECT int4send(octet_length(value)) || convert_to(value, 'UTF8') $$;

        -- The bytes of a transfer that its hash is over: as contracts/Values/Ledger/LedgerChain.cs writes them.
        CREATE FUNCTION settlement.transfer_bytes(
            number bigint, phase smallint, pending_number bigint, debit_account text, credit_account text, amount_micros bigint, kind text, cause text,
            happened_time timestamptz, recorded_time timestamptz, feed_number bigint, expires_time timestamptz)
            RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
            AS $$
                SELECT int8send(number) || int2send(phase) || int8send(coalesce(pending_number, 0))
                    || settlement.text_bytes(debit_account) || settlement.text_bytes(credit_account) || int8send(amount_micros)
                    || settlement.text_bytes(kind) || settlement.text_bytes(cause)
                    || timestamptz_send(happened_time) || timestamptz_send(recorded_time)
                    || int8send(coalesce(feed_number, 0)) || coalesce(timestamptz_send(expires_time), int8send(0))
            $$;

        DO $$
        DECLARE
            transfer record;
            chained bytea := decode(repeat('00', 32), 'hex');
        BEGIN
            FOR transfer IN
                SELECT number, settlement.transfer_bytes(
                    number, phase, pending_number, debit_account, credit_account, amount_micros, kind, cause,
                    happened_time, recorded_time, feed_number, expires_time) AS item
                FROM settlement.transfers ORDER BY number
            LOOP
                chained := sha256(chained || transfer.item);
                UPDATE settlement.transfers SET hash = chained WHERE number = transfer.number;
            END LOOP;
        END $$;

        INSERT INTO settlement.ledger_head (id, last_number, last_hash, recorded_time)
        SELECT 1, coalesce(max(number), 0),
            coalesce((SELECT hash FROM settlement.transfers ORDER BY number DESC LIMIT 1), decode(repeat('00', 32), 'hex')),
            coalesce(max(recorded_time), timestamptz '2000-01-01 00:00:00+00')
        FROM settlement.transfers;
        INSERT INTO settlement.accounts (name, kind, owner_id, balance_micros, floor_micros) VALUES ('suspense', 'suspense', NULL, 0, 0);
        ALTER TABLE settlement.accounts ENABLE TRIGGER USER;
        ALTER TABLE settlement.transfers ENABLE TRIGGER USER;
        """;

    /// <summary>After the new constraints: the rules at every insert.</summary>
    public const string Rules =
        """
        CREATE OR REPLACE FUNCTION settlement.move_balances() RETURNS trigger LANGUAGE plpgsql
            SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
        AS $$
        DECLARE
            place bigint;
            chained bytea;
            latest timestamptz;
            transfer record;
            wrong text;
            named_count bigint;
            moved_count bigint;
        BEGIN
            -- One posting after the other. Whoever posts has locked it already.
            SELECT last_number, last_hash, recorded_time INTO place, chained, latest FROM settlement.ledger_head WHERE id = 1 FOR UPDATE;

            -- Numbers without a gap, time that does not go back, and a chain that holds.
            FOR transfer IN
                SELECT number, hash, recorded_time, settlement.transfer_bytes(
                    number, phase, pending_number, debit_account, credit_account, amount_micros, kind, cause,
                    happened_time, recorded_time, feed_number, expires_time) AS item
                FROM made ORDER BY number
            LOOP
                place := place + 1;
                chained := sha256(chained || transfer.item);
                IF transfer.number <> place OR transfer.recorded_time < latest OR transfer.hash <> chained THEN
                    RAISE EXCEPTION 'Transfer % does not follow on transfer %.', transfer.number, place - 1
                        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'transfers_chain';
                END IF;
                latest := transfer.recorded_time;
            END LOOP;

            -- What ends a pending transfer ends one that is there, between the same accounts, and not for more.
            SELECT format('Transfer %s does not fit the pending transfer %s.', ending.number, ending.pending_number) INTO wrong
            FROM made AS ending
            WHERE ending.phase >= 2 AND NOT EXISTS (
                SELECT 1 FROM settlement.transfers AS pending
                WHERE pending.number = ending.pending_number AND pending.phase = 1 AND pending.number < ending.number
                    AND pending.debit_account = ending.debit_account AND pending.credit_account = ending.credit_account
                    AND (ending.amount_micros = pending.amount_micros OR (ending.phase = 2 AND ending.amount_micros < pending.amount_micros))
                    AND (ending.phase <> 2 OR pending.expires_time IS NULL OR ending.recorded_time < pending.expires_time)
                    AND (ending.phase <> 4 OR ending.recorded_time >= pending.expires_time))
            LIMIT 1;
            IF wrong IS NOT NULL THEN
                RAISE EXCEPTION '%', wrong USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'transfers_pending_fits';
            END IF;

            SELECT count(*) INTO named_count FROM (SELECT debit_account FROM made UNION SELECT credit_account FROM made) AS named;

            -- What one account gives, another gets; what is set aside of one is to come for another.
            UPDATE settlement.accounts AS account SET
                balance_micros = account.balance_micros + net.moved,
                pending_out_micros = account.pending_out_micros + net.held_out,
                pending_in_micros = account.pending_in_micros + net.held_in
            FROM (
                SELECT name, sum(moved)::bigint AS moved, sum(held_out)::bigint AS held_out, sum(held_in)::bigint AS held_in
                FROM (
                    SELECT debit_account AS name, CASE WHEN phase IN (0, 2) THEN -amount_micros ELSE 0 END AS moved,
                        CASE WHEN phase = 0 THEN 0 WHEN phase = 1 THEN amount_micros
                            ELSE -(SELECT pending.amount_micros FROM settlement.transfers AS pending WHERE pending.number = made.pending_number) END AS held_out,
                        0 AS held_in
                    FROM made
                    UNION ALL
                    SELECT credit_account, CASE WHEN phase IN (0, 2) THEN amount_micros ELSE 0 END, 0,
                        CASE WHEN phase = 0 THEN 0 WHEN phase = 1 THEN amount_micros
                            ELSE -(SELECT pending.amount_micros FROM settlement.transfers AS pending WHERE pending.number = made.pending_number) END
                    FROM made
                ) AS sides
                GROUP BY name
            ) AS net
            WHERE account.name = net.name;
            GET DIAGNOSTICS moved_count = ROW_COUNT;

            IF moved_count <> named_count THEN
                RAISE EXCEPTION 'A transfer names an account that is not open.' USING ERRCODE = 'foreign_key_violation';
            END IF;

            UPDATE settlement.ledger_head SET last_number = place, last_hash = chained, recorded_time = latest WHERE id = 1;
            RETURN NULL;
        END $$;

        -- An account opens empty and keeps its name, owner and limits; its balance is changed from inside move_balances only: one level
        -- deeper. What is in order is seen by the conditions alone, at every balance that moves.
        DROP TRIGGER guard_account ON settlement.accounts;
        CREATE OR REPLACE FUNCTION settlement.guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'A balance moves by a transfer only.' USING ERRCODE = 'integrity_constraint_violation';
        END $$;
        CREATE TRIGGER guard_account BEFORE UPDATE ON settlement.accounts FOR EACH ROW
            WHEN (pg_trigger_depth() = 0 OR NEW.name <> OLD.name OR NEW.kind <> OLD.kind OR NEW.owner_id IS DISTINCT FROM OLD.owner_id
                OR NEW.floor_micros IS DISTINCT FROM OLD.floor_micros OR NEW.ceiling_micros IS DISTINCT FROM OLD.ceiling_micros)
            EXECUTE FUNCTION settlement.guard_account();
        CREATE TRIGGER guard_new_account BEFORE INSERT ON settlement.accounts FOR EACH ROW
            WHEN (NEW.balance_micros <> 0 OR NEW.pending_out_micros <> 0 OR NEW.pending_in_micros <> 0)
            EXECUTE FUNCTION settlement.guard_account();

        -- The head moves from inside move_balances only: one level deeper.
        CREATE FUNCTION settlement.guard_head() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 THEN RETURN NEW; END IF;
            RAISE EXCEPTION 'The end of the ledger moves by a transfer only.' USING ERRCODE = 'integrity_constraint_violation';
        END $$;

        CREATE TRIGGER guard_head BEFORE INSERT OR UPDATE OR DELETE ON settlement.ledger_head
            FOR EACH ROW EXECUTE FUNCTION settlement.guard_head();
        CREATE TRIGGER head_stands BEFORE TRUNCATE ON settlement.ledger_head
            FOR EACH STATEMENT EXECUTE FUNCTION settlement.refuse_change();

        -- What a posting reads, by the indexes alone: the planner would rather read the whole table than a few thousand rows of it.
        CREATE FUNCTION settlement.accounts_named(names text[])
            RETURNS TABLE (name text, balance bigint, pending_out bigint, pending_in bigint, floor bigint, ceiling bigint)
            LANGUAGE sql STABLE SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
            AS $$
                SELECT account.name, account.balance_micros, account.pending_out_micros, account.pending_in_micros, account.floor_micros, account.ceiling_micros
                FROM unnest(names) AS named (name) JOIN settlement.accounts AS account ON account.name = named.name
            $$;
        CREATE FUNCTION settlement.transfers_given(causes text[], kinds text[])
            RETURNS TABLE (
                number bigint, phase smallint, cause text, kind text, ended_cause text, ended_kind text, debit text, credit text,
                amount bigint, expires timestamptz, ended boolean)
            LANGUAGE sql STABLE SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
            AS $$
                SELECT known.number, known.phase, known.cause, known.kind, before.cause, before.kind, known.debit_account, known.credit_account,
                    known.amount_micros, known.expires_time,
                    known.phase = 1 AND EXISTS (SELECT 1 FROM settlement.transfers AS ending WHERE ending.pending_number = known.number)
                FROM unnest(causes, kinds) AS given (cause, kind)
                JOIN settlement.transfers AS known ON known.cause = given.cause AND known.kind = given.kind
                LEFT JOIN settlement.transfers AS before ON before.number = known.pending_number
            $$;

        -- The last transfers of an account, for the sentence that says that it is wrong.
        CREATE FUNCTION settlement.last_transfers(account text) RETURNS text LANGUAGE sql STABLE
            AS $$
                SELECT coalesce(string_agg(number::text, ', ' ORDER BY number), '')
                FROM (
                    SELECT number FROM settlement.transfers
                    WHERE debit_account = account OR credit_account = account
                    ORDER BY number DESC LIMIT 10
                ) AS latest
            $$;

        -- Documents and what rails said are kept as they were made.
        CREATE TRIGGER documents_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON settlement.documents
            FOR EACH STATEMENT EXECUTE FUNCTION settlement.refuse_change();

        -- Whose deposit a reference names; who owes; what waits for people.
        CREATE INDEX accounts_by_reference ON settlement.accounts ((substring(sha256(uuid_send(owner_id)) for 8))) WHERE kind = 'transit';
        CREATE INDEX accounts_owing ON settlement.accounts (name) WHERE kind = 'receivable';
        CREATE INDEX deposits_announced ON settlement.deposits (booked_time) WHERE state = 'ANNOUNCED';
        CREATE INDEX deposits_unmatched ON settlement.deposits (deposit_id) WHERE state = 'UNMATCHED';
        CREATE INDEX deposits_of_participant ON settlement.deposits (participant_id, deposit_id);
        CREATE INDEX withdrawals_awaiting ON settlement.withdrawals (withdrawal_id) WHERE state = 'AWAITING_APPROVAL';

        -- Balances are rewritten often: room on their pages keeps that cheap.
        ALTER TABLE settlement.accounts SET (fillfactor = 60);
        ALTER TABLE settlement.ledger_head SET (fillfactor = 10);
        """;

    /// <summary>Takes the rules back; the first migration's own rules go with it.</summary>
    public const string Drop =
        """
        DROP INDEX settlement.accounts_by_reference, settlement.accounts_owing, settlement.deposits_announced, settlement.deposits_unmatched,
            settlement.deposits_of_participant, settlement.withdrawals_awaiting;
        DROP TRIGGER documents_stand ON settlement.documents;
        DROP TRIGGER head_stands ON settlement.ledger_head;
        DROP TRIGGER guard_head ON settlement.ledger_head;
        DROP FUNCTION settlement.guard_head(), settlement.last_transfers(text), settlement.accounts_named(text[]), settlement.transfers_given(text[], text[]);
        DROP TRIGGER guard_new_account ON settlement.accounts;
        DROP FUNCTION settlement.transfer_bytes(
            bigint, smallint, bigint, text, text, bigint, text, text, timestamptz, timestamptz, bigint, timestamptz);
        DROP FUNCTION settlement.text_bytes(text);
        """;
}
