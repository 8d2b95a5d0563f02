import { Button } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { useNodes } from '../api/own';
import type { Node } from '../api/types';
import { Link } from 'wouter';
import { DataTable } from '../ui/DataTable';
import { Badge } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Simulated } from '../ui/Simulated';
import { Empty } from '../ui/states';
import { shortId } from '../words/ids';
import { presenceTones, presenceWords, stateTones } from '../words/nodes';
import { formatScore } from '../words/units';
import { HostDialog } from './HostDialog';
import { NodeDialog } from './NodeDialog';

/** The provider's nodes: what they are, whether they are heard of, and what their GPUs do. */
export function NodesPanel({ className }: { className?: string }) {
  const nodes = useNodes();
  const [editing, setEditing] = useState<Node | 'new' | 'host' | null>(null);
  const columns = useMemo(() => {
    const column = createColumnHelper<Node>();
    return [
      column.accessor('name', {
        header: 'Name',
        cell: ({ row }) => (
          <>
            <Link href={`/nodes/${row.original.node_id}`} title={row.original.node_id}>
              <strong>{row.original.name || shortId(row.original.node_id)}</strong>
            </Link>{' '}
            {row.original.simulated ? <Simulated /> : null}
          </>
        ),
      }),
      column.accessor('state', { header: 'State', cell: (cell) => <Badge tone={stateTones[cell.getValue()]}>{cell.getValue()}</Badge> }),
      column.accessor('presence', { header: 'Heard of', cell: (cell) => <Badge tone={presenceTones[cell.getValue()]}>{presenceWords[cell.getValue()]}</Badge> }),
      column.accessor('market', { header: 'Market' }),
      column.accessor('gpu_count', { header: 'For sale', meta: { right: true } }),
      column.accessor('leased_gpu_count', { header: 'Leased', meta: { right: true } }),
      column.accessor('offered_gpu_count', { header: 'Offered', meta: { right: true } }),
      column.accessor('location', { header: 'Where', cell: (cell) => cell.getValue() || '–' }),
      column.accessor('reliability_ppm', { header: 'Score', meta: { right: true }, cell: (cell) => formatScore(cell.getValue()) }),
      column.display({
        id: 'edit',
        header: () => <span className="visually-hidden">Change</span>,
        cell: ({ row }) =>
          row.original.state === 'declared' ? (
            <Button variant="default" size="compact-xs" aria-label={`Change node ${row.original.name || row.original.node_id}`} onClick={() => setEditing(row.original)}>
              Change
            </Button>
          ) : null,
      }),
    ];
  }, []);
  const tools = (
    <>
      <Button onClick={() => setEditing('host')}>Add a host</Button>
      <Button variant="default" onClick={() => setEditing('new')}>
        Register a node
      </Button>
    </>
  );
  return (
    <Panel title="My nodes" className={className} flush tools={tools}>
      <DataTable
        label="Nodes"
        rows={nodes.data?.nodes}
        columns={columns}
        rowKey={(node) => node.node_id}
        loading={nodes}
        maxHeight={420}
        below={(node) => (node.state === 'suspended' || node.state === 'unverified' ? node.state_reason : '')}
        empty={
          <Empty title="No nodes yet">
            A node is a host with GPUs of one class in one region. Add a host: its agent finds the GPUs and sells them while they are idle. Or register a node by hand, where
            the exchange allows it.
          </Empty>
        }
      />
      {editing === 'host' ? <HostDialog onClose={() => setEditing(null)} /> : null}
      {editing && editing !== 'host' ? <NodeDialog node={editing === 'new' ? null : editing} onClose={() => setEditing(null)} /> : null}
    </Panel>
  );
}
