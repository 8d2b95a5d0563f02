import { Button } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useTrialBalance } from '../api/operate';
import { useDeed } from '../api/own';
import { asProblem } from '../api/problem';
import type { TrialBalanceRow } from '../api/types';
import shell from '../app/shell.module.css';
import { DataTable } from '../ui/DataTable';
import { Money } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty, Message } from '../ui/states';
import { exactMoney, formatCount } from '../words/money';

/** The trial balance, and the comparison of the ledger with itself and with the engine. */
export function LedgerPanel() {
  const balance = useTrialBalance();
  const reconcile = useDeed(() => answer(exchange.POST('/v1/reconciliations', { body: {} })), [keys.trialBalance]);
  const columns = useMemo(() => {
    const column = createColumnHelper<TrialBalanceRow>();
    return [
      column.accessor('account_kind', { header: 'Kind of account', cell: (cell) => <strong>{cell.getValue()}</strong> }),
      column.accessor('account_count', { header: 'Accounts', meta: { right: true }, cell: (cell) => formatCount(cell.getValue()) }),
      column.accessor('balance_micros', { header: 'Balance', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.accessor('balance_micros', { id: 'exact', header: 'Exactly', meta: { right: true }, cell: (cell) => exactMoney(cell.getValue()) }),
    ];
  }, []);
  const found = reconcile.data;
  return (
    <div className={shell.grid}>
      <Panel title="Trial balance" note={balance.data ? `total ${exactMoney(balance.data.total_micros)}` : undefined} className={shell.w7} flush>
        <DataTable
          label="Account kinds" rows={balance.data?.rows} columns={columns} rowKey={(row) => row.account_kind} loading={balance} skeletonRows={6}
          empty={<Empty title="The ledger is empty">The first deposit opens the first accounts.</Empty>}
        />
      </Panel>
      <Panel title="Ledger check" className={shell.w5} tools={<Button loading={reconcile.isPending} onClick={() => reconcile.mutate(undefined)}>Reconcile</Button>}>
        {reconcile.error ? (
          <Message tone="bad">{asProblem(reconcile.error).message}</Message>
        ) : !found ? (
          <p style={{ color: 'var(--ink-2)' }}>Compares every balance with its transfers, and with what the engine holds at the same feed number.</p>
        ) : found.breaks.length === 0 ? (
          <Message tone="good">
            All is well: {formatCount(found.check_count)} comparisons at feed number {formatCount(found.feed_number)}, nothing disagrees.
          </Message>
        ) : (
          <Message tone="bad">
            <p>
              {found.breaks.length} of {formatCount(found.check_count)} comparisons disagree at feed number {formatCount(found.feed_number)}:
            </p>
            <ul style={{ paddingLeft: 18 }}>
              {found.breaks.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </Message>
        )}
      </Panel>
    </div>
  );
}
