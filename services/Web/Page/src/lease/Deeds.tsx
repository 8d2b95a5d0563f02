import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Delivery, Lease } from '../api/types';
import shell from '../app/shell.module.css';
import { useNow } from '../live/clock';
import { isOpen } from '../words/phases';
import { instantOf, minute } from '../words/time';
import { DisputeDialog } from './DisputeDialog';
import { EndDialog } from './EndDialog';
import { ExtendDialog } from './ExtendDialog';
import { disputable, slotRows } from './meters';
import { RebidDialog } from './RebidDialog';
import { ReclaimDialog } from './ReclaimDialog';
import { ResellDialog } from './ResellDialog';

type DeedsProps = { leaseId: number; lease: Lease | undefined; delivery: Delivery | undefined; isBuyer: boolean; isProvider: boolean };

/** What can be done with a lease now, by whoever looks at it. */
export function Deeds({ leaseId, lease, delivery, isBuyer, isProvider }: DeedsProps) {
  const now = useNow(minute);
  const [asking, setAsking] = useState<'extend' | 'resell' | 'rebid' | 'dispute' | 'end' | 'reclaim' | null>(null);
  const close = () => setAsking(null);
  if (now === null) return null;
  const slots = disputable(slotRows(lease, delivery), now);
  const open = delivery !== undefined && isOpen(delivery.phase);
  const canResell = isBuyer && lease !== undefined && instantOf(lease.to_time) > now;
  const button = (deed: NonNullable<typeof asking>, words: string, danger = false) => (
    <Button variant="default" color={danger ? 'red' : undefined} onClick={() => setAsking(deed)}>
      {words}
    </Button>
  );
  return (
    <div className={shell.deeds}>
      {isBuyer && open ? button('extend', 'Extend…') : null}
      {canResell ? button('resell', 'Resell…') : null}
      {isBuyer && open ? button('rebid', 'Bid again…') : null}
      {isBuyer && slots.length ? button('dispute', 'Dispute…') : null}
      {isBuyer && open ? button('end', 'End now…', true) : null}
      {isProvider && open && lease?.resold_from_lease_id === 0 && !delivery.interrupt_time ? button('reclaim', 'Take it back…', true) : null}
      {asking === 'extend' && delivery ? <ExtendDialog delivery={delivery} onClose={close} /> : null}
      {asking === 'resell' && lease ? <ResellDialog lease={lease} now={now} onClose={close} /> : null}
      {asking === 'rebid' && delivery ? <RebidDialog leaseId={leaseId} delivery={delivery} onClose={close} /> : null}
      {asking === 'dispute' ? <DisputeDialog slots={slots} onClose={close} /> : null}
      {asking === 'end' ? <EndDialog leaseId={leaseId} onClose={close} /> : null}
      {asking === 'reclaim' ? <ReclaimDialog leaseId={leaseId} onClose={close} /> : null}
    </div>
  );
}
