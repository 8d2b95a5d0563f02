import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import { useNodeEvents } from '../api/delivery';
import type { NodeEvent } from '../api/types';
import { DataTable } from '../ui/DataTable';
import { Badge, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import { shortId } from '../words/ids';
import type { Tone } from '../words/phases';

const tones: Record<string, Tone> = {
  enrolled: 'lively', online: 'good', lost: 'bad', inventory_changed: 'warn', fraud_signal: 'bad', test_passed: 'good', test_failed: 'bad', state: 'warn', delivery_failed: 'bad',
};

/** What happened to a node, newest first, with who did it. */
export function NodeEventsPanel({ nodeId, own, className }: { nodeId: string; own: string; className?: string | undefined }) {
  const events = useNodeEvents(nodeId);
  const columns = useMemo(() => {
    const column = createColumnHelper<NodeEvent>();
    return [
      column.accessor('at_time', { header: 'When', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.accessor('kind', { header: 'What', cell: (cell) => <Badge tone={tones[cell.getValue()] ?? 'calm'}>{cell.getValue().replaceAll('_', ' ')}</Badge> }),
      column.accessor((event) => (event.by === own ? 'you' : shortId(event.by)), { id: 'by', header: 'Who' }),
      column.accessor('message', { header: 'In words', meta: { wrap: true } }),
    ];
  }, [own]);
  return (
    <Panel title="Events" className={className} flush>
      <DataTable
        label="Events" rows={events.rows} columns={columns} rowKey={(event) => `${event.at_time} ${event.kind} ${event.message}`} loading={events} more={events.more} first={25} maxHeight={420}
        empty={<Empty title="Nothing happened yet">What the exchange, the agent and people do to the node is written here.</Empty>}
      />
    </Panel>
  );
}
