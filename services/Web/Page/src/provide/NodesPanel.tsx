import { Button } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { useNodes } from '../api/own';
import type { Node } from '../api/types';
import { DataTable } from '../ui/DataTable';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import { shortId } from '../words/ids';
import { formatPpm } from '../words/money';
import { NodeDialog } from './NodeDialog';

/** The provider's nodes. */
export function NodesPanel({ className }: { className: string | undefined }) {
  const nodes = useNodes();
  const [editing, setEditing] = useState<Node | 'new' | null>(null);
  const columns = useMemo(() => {
    const column = createColumnHelper<Node>();
    return [
      column.accessor('name', { header: 'Name', cell: ({ row }) => <strong title={row.original.node_id}>{row.original.name || shortId(row.original.node_id)}</strong> }),
      column.accessor('market', { header: 'Market' }),
      column.accessor('gpu_count', { header: 'GPUs', meta: { right: true } }),
      column.accessor('location', { header: 'Where', cell: (cell) => cell.getValue() || '–' }),
      column.accessor('reliability_ppm', { header: 'Reliability', meta: { right: true }, cell: (cell) => formatPpm(cell.getValue()) }),
      column.display({
        id: 'edit',
        header: () => <span className="visually-hidden">Change</span>,
        cell: ({ row }) => (
          <Button variant="default" size="compact-xs" aria-label={`Change node ${row.original.name || row.original.node_id}`} onClick={() => setEditing(row.original)}>
            Change
          </Button>
        ),
      }),
    ];
  }, []);
  return (
    <Panel title="My nodes" className={className} flush tools={<Button onClick={() => setEditing('new')}>Register a node</Button>}>
      <DataTable
        label="Nodes"
        rows={nodes.data?.nodes}
        columns={columns}
        rowKey={(node) => node.node_id}
        loading={nodes}
        maxHeight={420}
        empty={
          <Empty title="No nodes yet" action={<Button onClick={() => setEditing('new')}>Register a node</Button>}>
            A node is a host with GPUs of one class in one region. Register it, then offer its idle hours.
          </Empty>
        }
      />
      {editing ? <NodeDialog node={editing === 'new' ? null : editing} onClose={() => setEditing(null)} /> : null}
    </Panel>
  );
}
