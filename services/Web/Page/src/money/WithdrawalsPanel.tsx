import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import { useDestinations, useWithdrawals } from '../api/money';
import type { Withdrawal } from '../api/types';
import { DataTable } from '../ui/DataTable';
import { Money, StateBadge, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import { nameOf } from './destination';

/** What was asked to be paid out, where it stands and what it waits for. */
export function WithdrawalsPanel({ className }: { className: string | undefined }) {
  const withdrawals = useWithdrawals();
  const destinations = useDestinations();
  const columns = useMemo(() => {
    const names = new Map(destinations.data?.destinations.map((one) => [one.destination_id, nameOf(one)]));
    const column = createColumnHelper<Withdrawal>();
    return [
      column.accessor('requested_time', { header: 'Asked', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.accessor('amount_micros', { header: 'Amount', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.accessor((one) => names.get(one.destination_id) ?? '–', { id: 'to', header: 'To' }),
      column.accessor('state', { header: 'State', cell: (cell) => <StateBadge state={cell.getValue()} /> }),
    ];
  }, [destinations.data]);
  return (
    <Panel title="Withdrawals" flush className={className}>
      <DataTable
        label="Withdrawals" rows={withdrawals.rows} columns={columns} rowKey={(one) => one.withdrawal_id} loading={withdrawals} more={withdrawals.more} maxHeight={380}
        below={(one) => one.explanation}
        empty={<Empty title="Nothing was taken out yet">What you withdraw is followed here until your bank has it.</Empty>}
      />
    </Panel>
  );
}
