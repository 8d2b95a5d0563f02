import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import { useIndexes } from '../api/market';
import type { IndexValue } from '../api/types';
import { DataTable } from '../ui/DataTable';
import { Badge, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import { exactMoney, fixedDollars, formatCount } from '../words/money';
import { instantOf, isoDay } from '../words/time';

const grades: Record<string, string> = { a: 'A: enough trades', b: 'B: last auction price', e: 'E: carried over' };

/** The daily indexes as published, newest first. */
export function IndexPanel() {
  const indexes = useIndexes();
  const columns = useMemo(() => {
    const column = createColumnHelper<IndexValue>();
    return [
      // A day of an index is a UTC day, whatever zone the page shows.
      column.accessor('day_time', { header: 'UTC day', cell: (cell) => isoDay(instantOf(cell.getValue()), 'utc') }),
      column.accessor('index', { header: 'Index' }),
      column.accessor('value_micros_per_gpu_hour', {
        header: '$ / GPU-h', meta: { right: true },
        cell: (cell) => <strong title={exactMoney(cell.getValue())}>{fixedDollars(cell.getValue(), 4)}</strong>,
      }),
      column.accessor('grade', { header: 'Grade', cell: (cell) => grades[cell.getValue()] ?? cell.getValue() }),
      column.accessor('final', { header: 'Standing', cell: (cell) => (cell.getValue() ? <Badge tone="good">final</Badge> : <Badge tone="warn">provisional</Badge>) }),
      column.accessor('trade_count', { header: 'Trades', meta: { right: true }, cell: (cell) => formatCount(cell.getValue()) }),
      column.accessor('gpu_hours', { header: 'GPU-hours', meta: { right: true }, cell: (cell) => formatCount(cell.getValue()) }),
      column.accessor('published_time', { header: 'Published', cell: (cell) => <Time at={cell.getValue()} /> }),
    ];
  }, []);
  return (
    <Panel title="Daily indexes" note="provisional at 00:30 UTC, final at 12:00 UTC of the next day" flush>
      <DataTable
        label="Index values"
        rows={indexes.data?.values}
        columns={columns}
        rowKey={(value) => `${value.index} ${value.day_time} ${value.final ? 'final' : 'provisional'}`}
        loading={indexes}
        first={10}
        maxHeight={420}
        empty={<Empty title="No index was published yet">The first values follow the end of the first UTC day, at 00:30 UTC.</Empty>}
      />
    </Panel>
  );
}
