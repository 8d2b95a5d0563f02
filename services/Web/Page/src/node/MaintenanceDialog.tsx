import { Checkbox, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDeed } from '../api/own';
import { asProblem, sortComplaints } from '../api/problem';
import type { NodeDetail, Settings } from '../api/types';
import { useZone } from '../app/zone';
import { useNow } from '../live/clock';
import { FormDialog } from '../ui/FormDialog';
import { Message } from '../ui/states';
import { WhenField } from '../ui/WhenField';
import styles from '../ui/form.module.css';
import { horizonOf } from '../words/gates';
import { newId } from '../words/ids';
import { categories } from '../words/nodes';
import { hour, minute, wireTime } from '../words/time';
import { formatSeconds } from '../words/units';
import { parseWhen } from '../words/when';

const shown = ['from_time', 'to_time', 'category', 'note'];

/** Announces maintenance; where leases are sold in it already, it asks whether they are to be taken back. */
export function MaintenanceDialog({ node, settings, onClose }: { node: NodeDetail; settings: Settings; onClose: () => void }) {
  const zone = useZone();
  const now = useNow(minute);
  const [windowId, setWindowId] = useState(newId);
  const [draft, setDraft] = useState({ from: '+24h', to: '+26h', category: 'software', note: '' });
  const [reclaim, setReclaim] = useState(false);
  const announce = useDeed(
    (window: { from: number; to: number }) =>
      answer(
        exchange.POST('/v1/nodes/{node_id}/maintenance', {
          params: { path: { node_id: node.node_id } },
          body: { window_id: windowId, from_time: wireTime(window.from), to_time: wireTime(window.to), category: draft.category, note: draft.note, reclaim },
        }),
      ),
    [keys.nodes, keys.offers, keys.leases],
  );
  const complaints = sortComplaints(announce.error, shown);
  const sold = announce.error !== null && asProblem(announce.error).reason === 'SOLD_IN_WINDOW';
  // Another window is another announcement; taking back what is sold in it is not.
  const change = (part: Partial<typeof draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setWindowId(newId());
    setReclaim(false);
    announce.reset();
  };
  if (now === null) return null;
  const slots = horizonOf(now, settings);
  const from = parseWhen(draft.from, now, zone, settings.slot_minutes);
  const to = parseWhen(draft.to, now, zone, settings.slot_minutes);
  const seconds = node.policy?.reclaim_notice_seconds ?? 0;
  const notice = formatSeconds(seconds > 0 ? seconds : 3_600);
  return (
    <FormDialog
      title={`Announce maintenance of ${node.name}`} deed={reclaim ? 'Take them back and announce' : 'Announce'} danger={reclaim} working={announce.isPending} rest={sold ? '' : complaints.rest}
      disabled={from === null || to === null || (sold && !reclaim)} onClose={onClose}
      onSubmit={() => {
        if (from !== null && to !== null) announce.mutate({ from, to }, { onSuccess: onClose });
      }}
    >
      <div className={styles.pair}>
        <WhenField label="From" value={draft.from} instant={from} choices={slots} error={from === null ? 'Not a time: write 2026-01-31 15:00 or +3h.' : complaints.fields.from_time} onChange={(value) => change({ from: value })} />
        <WhenField label="To" value={draft.to} instant={to} choices={slots.map((slot) => slot + hour)} error={to === null ? 'Not a time: write 2026-01-31 15:00 or +6h.' : complaints.fields.to_time} onChange={(value) => change({ to: value })} />
      </div>
      <Select label="What is done" data={categories} allowDeselect={false} value={draft.category} error={complaints.fields.category} onChange={(value) => change({ category: value ?? 'other' })} />
      <TextInput label="Note" description="For whoever leases the node then." maxLength={200} value={draft.note} error={complaints.fields.note} onChange={(event) => change({ note: event.currentTarget.value })} />
      {sold ? (
        <Message tone="warn">
          <p>{asProblem(announce.error).message}</p>
          <Checkbox
            mt="xs" label={`Take them back, with ${notice} of notice`} description="Their buyers are paid back what is not delivered, and compensated out of your bond." checked={reclaim}
            onChange={(event) => setReclaim(event.currentTarget.checked)}
          />
        </Message>
      ) : null}
    </FormDialog>
  );
}
