import { SegmentedControl } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { useTrades } from '../api/market';
import type { Trade } from '../api/types';
import { DataTable } from '../ui/DataTable';
import { Money, Price, Time, Window } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';

/** What was sold last, without names. */
export function TradesPanel({ className, market }: { className: string | undefined; market: string }) {
  const [which, setWhich] = useState('all');
  const trades = useTrades(which === 'all' ? '' : market);
  const columns = useMemo(() => {
    const column = createColumnHelper<Trade>();
    return [
      column.accessor('happened_time', { header: 'Sold', cell: (cell) => <Time at={cell.getValue()} show="clock" /> }),
      column.accessor('market', { header: 'Market' }),
      column.accessor('gpu_count', { header: 'GPUs', meta: { right: true } }),
      column.accessor('mean_price_micros_per_gpu_hour', { header: 'Price', meta: { right: true }, cell: (cell) => <Price micros={cell.getValue()} /> }),
      column.accessor('cost_micros', { header: 'Cost', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.accessor('from_time', { header: 'Delivery', cell: ({ row }) => <Window from={row.original.from_time} to={row.original.to_time} /> }),
    ];
  }, []);
  return (
    <Panel
      title="Last trades"
      className={className}
      flush
      tools={
        <SegmentedControl
          aria-label="Trades of"
          value={which}
          onChange={setWhich}
          data={[
            { value: 'all', label: 'All markets' },
            { value: 'one', label: 'This market' },
          ]}
        />
      }
    >
      <DataTable
        label="Trades"
        rows={trades.data?.trades}
        columns={columns}
        rowKey={(trade) => String(trade.lease_id)}
        loading={trades}
        first={25}
        maxHeight={420}
        skeletonRows={10}
        empty={<Empty title="Nothing was sold here yet">A trade appears when a run fills a bid from an offer.</Empty>}
      />
    </Panel>
  );
}
