import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import { FormDialog } from '../ui/FormDialog';

/** Takes a delivery back, by its provider. */
export function ReclaimDialog({ leaseId, onClose }: { leaseId: number; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const reclaim = useDeed(
    () => answer(exchange.POST('/v1/leases/{lease_id}/reclaim', { params: { path: { lease_id: leaseId } }, body: { reason } })),
    [keys.deliveries, keys.leases, keys.nodes],
  );
  const complaints = sortComplaints(reclaim.error, ['reason']);
  return (
    <FormDialog
      title={`Take lease ${leaseId} back?`} deed="Take it back" danger working={reclaim.isPending} rest={complaints.rest} disabled={!reason.trim()} onClose={onClose}
      onSubmit={() => reclaim.mutate(undefined, { onSuccess: onClose })}
    >
      <p>
        Its buyer is told at once, and it ends after the notice of the node&rsquo;s policy. The buyer is paid back what is not delivered, and compensated out of your bond. It
        lowers the node&rsquo;s score, and cannot be undone.
      </p>
      <TextInput
        label="Why" description="Its buyer reads it." required maxLength={200} data-autofocus value={reason} error={complaints.fields.reason} onChange={(event) => setReason(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
