import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import { useEngine, useServices } from '../api/operate';
import type { ServiceProgress } from '../api/types';
import shell from '../app/shell.module.css';
import { RunsPanel } from '../market/RunsPanel';
import { DataTable } from '../ui/DataTable';
import { Badge, Facts, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty, Failed, Waiting } from '../ui/states';
import ui from '../ui/ui.module.css';
import { formatCount } from '../words/money';

const lagTone = (lag: number) => (lag > 1_000 ? 'bad' : lag > 0 ? 'warn' : 'good');

/** Every service: whether it answers, and how far it has come with the others' news. */
export function HealthPanel() {
  const health = useServices();
  const engine = useEngine();
  const columns = useMemo(() => {
    const column = createColumnHelper<ServiceProgress>();
    return [
      column.accessor('service', { header: 'Service', cell: (cell) => <strong>{cell.getValue().replaceAll('_', ' ')}</strong> }),
      column.accessor('up', {
        header: 'State',
        cell: ({ row }) => (row.original.up ? <Badge tone="good">up</Badge> : <Badge tone="bad">down</Badge>),
      }),
      column.accessor('answer_milliseconds', { header: 'Answered in', meta: { right: true }, cell: ({ row }) => (row.original.up ? `${row.original.answer_milliseconds} ms` : '–') }),
      column.accessor((row) => row.feed_applied_number ?? -1, {
        id: 'applied', header: 'Feed applied', meta: { right: true }, cell: ({ row }) => (row.original.feed_applied_number === null ? '–' : formatCount(row.original.feed_applied_number)),
      }),
      column.accessor((row) => row.feed_lag ?? -1, {
        id: 'lag', header: 'Feed lag', meta: { right: true },
        cell: ({ row }) => (row.original.feed_lag === null ? '–' : <Badge tone={lagTone(row.original.feed_lag)}>{formatCount(row.original.feed_lag)}</Badge>),
      }),
      column.accessor('last_number', { header: 'Facts told', meta: { right: true }, cell: (cell) => formatCount(cell.getValue()) }),
      column.accessor('pending_count', { header: 'Work due', meta: { right: true }, cell: (cell) => formatCount(cell.getValue()) }),
      column.accessor((row) => row.heard.reduce((sum, heard) => sum + (heard.lag ?? 0), 0), {
        id: 'heard', header: 'Hears',
        cell: ({ row }) =>
          row.original.heard.length
            ? row.original.heard.map((heard) => `${heard.producer.replaceAll('_', ' ')} ${formatCount(heard.applied_number)}${heard.lag ? ` (${heard.lag} behind)` : ''}`).join(', ')
            : '–',
      }),
      column.accessor((row) => row.clock_time ?? '', { id: 'clock', header: 'Its clock', cell: ({ row }) => <Time at={row.original.clock_time ?? undefined} /> }),
      column.accessor('detail', { header: 'Detail', meta: { wrap: true } }),
    ];
  }, []);
  const state = engine.data;
  return (
    <div className={shell.grid}>
      <Panel title="Services" note={health.isError ? 'the last answer; the exchange does not say more now' : undefined} flush>
        <DataTable
          label="Services" rows={health.data?.services} columns={columns} rowKey={(row) => row.service} loading={health} first={20} skeletonRows={7}
          empty={<Empty title="No services are known">The console was started without their addresses.</Empty>}
        />
      </Panel>
      <Panel title="Engine" note="the one writer of the market's history" className={shell.w6}>
        {engine.isError && !state ? (
          <Failed what="The engine's state" failure={engine.error} retry={() => void engine.refetch()} />
        ) : !state ? (
          <Waiting height={180} />
        ) : (
          <Facts
            rows={[
              { name: 'Shard, epoch', value: `${state.shard}, ${state.epoch}` },
              { name: 'Commands journaled', value: formatCount(state.sequence) },
              { name: 'Events told', value: formatCount(state.feed_number) },
              { name: 'Run being cleared', value: state.clearing_run_id ? `#${state.clearing_run_id}` : 'none' },
              { name: 'Rules', value: `version ${state.engine_version}` },
              { name: 'Journal hash', value: <Hash value={state.journal_hash} /> },
              { name: 'State hash', value: <Hash value={state.state_hash} /> },
            ]}
          />
        )}
      </Panel>
      <RunsPanel className={shell.w6} />
    </div>
  );
}

const Hash = ({ value }: { value: string }) => (
  <span className={ui.mono} title={value}>
    {value.slice(0, 24)}…
  </span>
);
