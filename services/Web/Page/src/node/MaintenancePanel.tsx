import { Button } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useMarkets } from '../api/market';
import { useDeed } from '../api/own';
import type { MaintenanceWindow, NodeDetail } from '../api/types';
import { Confirm } from '../ui/Confirm';
import { DataTable } from '../ui/DataTable';
import { Window } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import { categories } from '../words/nodes';
import { MaintenanceDialog } from './MaintenanceDialog';

const loaded = { isPending: false, isError: false, error: null, refetch: () => undefined };

/** When a node will be away, announced to whoever leases it then. */
export function MaintenancePanel({ node, mayChange, className }: { node: NodeDetail; mayChange: boolean; className: string | undefined }) {
  const settings = useMarkets().data?.settings;
  const [announcing, setAnnouncing] = useState(false);
  const [cancelling, setCancelling] = useState<MaintenanceWindow | null>(null);
  const cancel = useDeed(
    (windowId: string) => answer(exchange.DELETE('/v1/nodes/{node_id}/maintenance/{window_id}', { params: { path: { node_id: node.node_id, window_id: windowId } } })),
    [keys.nodes],
  );
  const columns = useMemo(() => {
    const column = createColumnHelper<MaintenanceWindow>();
    return [
      column.accessor('from_time', { header: 'Away', cell: ({ row }) => <Window from={row.original.from_time} to={row.original.to_time} /> }),
      column.accessor((one) => categories.find((known) => known.value === one.category)?.label ?? one.category, { id: 'category', header: 'What' }),
      column.display({
        id: 'act',
        header: () => <span className="visually-hidden">Cancel</span>,
        cell: ({ row }) =>
          mayChange ? (
            <Button variant="default" size="compact-xs" aria-label={`Cancel maintenance of ${row.original.from_time}`} onClick={() => setCancelling(row.original)}>
              Cancel
            </Button>
          ) : null,
      }),
    ];
  }, [mayChange]);
  const close = () => {
    setCancelling(null);
    cancel.reset();
  };
  return (
    <Panel
      title="Maintenance" className={className} flush
      tools={
        mayChange && settings ? (
          <Button variant="default" onClick={() => setAnnouncing(true)}>
            Announce maintenance
          </Button>
        ) : null
      }
    >
      <DataTable
        label="Maintenance" rows={node.maintenance} columns={columns} rowKey={(one) => one.window_id} loading={loaded} below={(one) => one.note} maxHeight={260}
        empty={<Empty title="None announced">What is announced in time costs no score. Nothing is sold in a window, and who leases the node then is told.</Empty>}
      />
      {announcing && settings ? <MaintenanceDialog node={node} settings={settings} onClose={() => setAnnouncing(false)} /> : null}
      {cancelling ? (
        <Confirm
          opened title="Cancel this maintenance?" deed="Cancel the maintenance" working={cancel.isPending} failure={cancel.error} onClose={close}
          onConfirm={() => cancel.mutate(cancelling.window_id, { onSuccess: close })}
        >
          <Window from={cancelling.from_time} to={cancelling.to_time} />: the node can be sold in it again. Leases that were taken back for it stay so.
        </Confirm>
      ) : null}
    </Panel>
  );
}
