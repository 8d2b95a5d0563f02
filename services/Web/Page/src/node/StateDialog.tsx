import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import { FormDialog } from '../ui/FormDialog';

/** Suspend, lift a suspension, retire: the state that is asked for. */
export type StateDeed = 'suspended' | 'unverified' | 'retired';

const words: Record<StateDeed, { title: (name: string) => string; deed: string; means: string }> = {
  suspended: { title: (name) => `Suspend ${name}?`, deed: 'Suspend', means: 'Nothing of it is sold any more. Deliveries that run on it end as failed, and their buyers are paid back out of the bond.' },
  unverified: { title: (name) => `Lift the suspension of ${name}?`, deed: 'Lift it', means: 'It is tested anew, and sold again once it has passed.' },
  retired: { title: (name) => `Retire ${name}?`, deed: 'Retire for good', means: 'It is gone for good: its key is refused from then on, and the host can only come back as another node. What is sold on it already is owed all the same.' },
};

type StateDialogProps = { node: { node_id: string }; name: string; deed: StateDeed; onClose: () => void };

/** Asks why, and sets a node's state. */
export function StateDialog({ node, name, deed, onClose }: StateDialogProps) {
  const [reason, setReason] = useState('');
  const set = useDeed(
    () => answer(exchange.POST('/v1/nodes/{node_id}/state', { params: { path: { node_id: node.node_id } }, body: { state: deed, reason } })),
    [keys.nodes, keys.audit],
  );
  const complaints = sortComplaints(set.error, ['reason']);
  const said = words[deed];
  return (
    <FormDialog
      title={said.title(name)} deed={said.deed} danger={deed !== 'unverified'} working={set.isPending} rest={complaints.rest} disabled={!reason.trim()} onClose={onClose}
      onSubmit={() => set.mutate(undefined, { onSuccess: onClose })}
    >
      <p>{said.means}</p>
      <TextInput
        label="Why" description="Kept with the node, and read by its provider." required maxLength={200} data-autofocus value={reason} error={complaints.fields.reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
