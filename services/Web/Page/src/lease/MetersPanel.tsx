import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import type { Delivery, Lease } from '../api/types';
import { DataTable } from '../ui/DataTable';
import { Badge, Window } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import { gpuHours, slotRows, type SlotRow } from './meters';

type MetersPanelProps = { lease: Lease | undefined; delivery: Delivery | undefined };

/** Slot by slot what was sold, what the node and the exchange measured, and what counts. */
export function MetersPanel({ lease, delivery }: MetersPanelProps) {
  const rows = useMemo(() => slotRows(lease, delivery), [lease, delivery]);
  const twoSided = rows.some((row) => row.agent !== null);
  const columns = useMemo(() => {
    const column = createColumnHelper<SlotRow>();
    const hours = (seconds: number | null) => (seconds === null ? '–' : gpuHours(seconds));
    return [
      column.accessor('from', { header: 'Slot', cell: ({ row }) => <Window from={row.original.from} to={row.original.to} /> }),
      column.accessor('sold', { header: 'Sold', meta: { right: true }, cell: (cell) => gpuHours(cell.getValue()) }),
      ...(twoSided
        ? [
            column.accessor('agent', { header: 'Node measured', meta: { right: true }, cell: (cell) => hours(cell.getValue()) }),
            column.accessor('registry', { header: 'Exchange heard', meta: { right: true }, cell: (cell) => hours(cell.getValue()) }),
          ]
        : []),
      column.accessor('delivered', { header: 'Counts', meta: { right: true }, cell: ({ row }) => <Counts row={row.original} /> }),
      column.accessor('words', { header: 'How it was found', meta: { wrap: true }, cell: (cell) => cell.getValue() || '–' }),
    ];
  }, [twoSided]);
  return (
    <Panel title="Meters" note={twoSided ? 'GPU-hours, by both sides; where they differ, the lower one counts' : 'GPU-hours, as its provider reported them'} flush>
      <DataTable
        label="Meters" rows={rows} columns={columns} rowKey={(row) => row.key} loading={{ isPending: false, isError: false, error: null, refetch: () => undefined }} first={24} maxHeight={420}
        empty={<Empty title="Nothing measured yet">Each slot is measured to the second while it goes on, and settled after its end.</Empty>}
      />
    </Panel>
  );
}

function Counts({ row }: { row: SlotRow }) {
  if (row.delivered === null) return <Badge tone="calm">not yet</Badge>;
  return row.delivered < row.sold ? <Badge tone="bad">{gpuHours(row.delivered)}</Badge> : <Badge tone="good">{gpuHours(row.delivered)}</Badge>;
}
