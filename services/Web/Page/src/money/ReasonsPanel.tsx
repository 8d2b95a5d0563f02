import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import { useAccount } from '../api/own';
import { DataTable } from '../ui/DataTable';
import { Money } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import { reasonsOf, type ReasonRow } from './balances';

/** Why each amount is what it is: its parts, which add up to it. */
export function ReasonsPanel() {
  const account = useAccount();
  const rows = useMemo(() => (account.data ? reasonsOf(account.data) : undefined), [account.data]);
  const columns = useMemo(() => {
    const column = createColumnHelper<ReasonRow>();
    return [
      column.accessor('order', { header: 'Balance', cell: ({ row }) => row.original.label }),
      column.accessor('amount_micros', { header: 'Amount', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.accessor('text', { header: 'Why', meta: { wrap: true } }),
      column.accessor('cause', { header: 'Belongs to', cell: (cell) => cell.getValue() || '–' }),
    ];
  }, []);
  return (
    <Panel title="Why it is what it is" note="the parts of each amount add up to it" flush>
      <DataTable
        label="Amounts" rows={rows} columns={columns} rowKey={(row) => `${row.balance} ${row.cause} ${row.text}`} loading={account} maxHeight={420} first={40} sort={[{ id: 'order', desc: false }]}
        empty={<Empty title="There is no money here yet">Pay in with the reference below, and it is yours to bid with.</Empty>}
      />
    </Panel>
  );
}
