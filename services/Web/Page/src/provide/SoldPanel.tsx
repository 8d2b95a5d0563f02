import { SegmentedControl } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import { useLeases, useNodes } from '../api/own';
import type { Lease } from '../api/types';
import { useSession } from '../session/session';
import { LeaseTable } from '../ui/LeaseTable';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import { deliveryOf } from '../words/delivery';
import { shortId } from '../words/ids';

/** What the provider sold, how much of it was delivered, and what failed. */
export function SoldPanel() {
  const leases = useLeases();
  const nodes = useNodes();
  const { session } = useSession();
  const [which, setWhich] = useState('all');
  const names = useMemo(() => new Map(nodes.data?.nodes.map((node) => [node.node_id, node.name])), [nodes.data]);
  const nodeName = useCallback((lease: Lease) => names.get(lease.node_id) ?? shortId(lease.node_id), [names]);
  const rows = useMemo(
    () =>
      leases.rows?.filter(
        (lease) => lease.provider_id === session.participant_id && (which === 'all' || lease.state === 'failed' || deliveryOf(lease).missing > 0),
      ),
    [leases.rows, session.participant_id, which],
  );
  return (
    <Panel
      title="Leases sold"
      note="every hour is metered; what is missing is paid back and taken from the bond"
      flush
      tools={<SegmentedControl aria-label="Leases shown" value={which} onChange={setWhich} data={[{ value: 'all', label: 'All' }, { value: 'failed', label: 'With failures' }]} />}
    >
      <LeaseTable
        rows={rows}
        loading={leases}
        more={leases.more}
        nodeName={nodeName}
        empty={
          which === 'failed' ? (
            <Empty title="Nothing failed">Every metered hour was delivered whole.</Empty>
          ) : (
            <Empty title="Nothing sold yet">A lease appears here when a run sells from one of your offers.</Empty>
          )
        }
      />
    </Panel>
  );
}
