import { useCallback, useMemo } from 'react';
import { useLeases, useMyTrades } from '../api/own';
import type { Lease } from '../api/types';
import { useSession } from '../session/session';
import { LeaseTable } from '../ui/LeaseTable';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';

/** What the buyer bought, and how much of it was delivered. */
export function BoughtPanel({ className }: { className: string | undefined }) {
  const leases = useLeases();
  const trades = useMyTrades();
  const { session } = useSession();
  const costs = useMemo(
    () => new Map(trades.rows?.map((trade) => [trade.lease_id, { cost: trade.cost_micros, price: trade.mean_price_micros_per_gpu_hour }])),
    [trades.rows],
  );
  const costOf = useCallback((lease: Lease) => costs.get(lease.lease_id), [costs]);
  const rows = useMemo(() => leases.rows?.filter((lease) => lease.buyer_id === session.participant_id), [leases.rows, session.participant_id]);
  return (
    <Panel title="My leases" note="what was not delivered is paid back, with compensation out of the provider's bond" className={className} flush>
      <LeaseTable
        rows={rows}
        loading={leases}
        more={leases.more}
        costOf={costOf}
        empty={<Empty title="Nothing bought yet">A filled bid becomes a lease. Its hours are metered as they are delivered.</Empty>}
      />
    </Panel>
  );
}
