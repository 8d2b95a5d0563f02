import { Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { DisputeKind } from '../api/types';
import { useZone } from '../app/zone';
import { kinds } from '../disputes/words';
import { FormDialog } from '../ui/FormDialog';
import { newId } from '../words/ids';
import { shortTime } from '../words/time';
import { gpuHours, type SlotRow } from './meters';

const shown = ['slot_index', 'kind', 'statement', 'claimed_gpu_seconds'];

/** Disputes what was delivered in a slot. */
export function DisputeDialog({ slots, onClose }: { slots: SlotRow[]; onClose: () => void }) {
  const zone = useZone();
  const [disputeId, setDisputeId] = useState(newId);
  const [draft, setDraft] = useState({ slot: slots.at(-1)?.key ?? '', kind: 'wrong_gpu' as DisputeKind, statement: '', usable: '0' });
  const [checked, setChecked] = useState(false);
  const slot = slots.find((one) => one.key === draft.slot);
  const usable = /^\d+(\.\d+)?$/.test(draft.usable.trim()) ? Math.round(Number(draft.usable) * 3_600) : Number.NaN;
  const wrongUsable = usable >= 0 && usable < (slot?.delivered ?? 0) ? '' : `From 0 to less than ${gpuHours(slot?.delivered ?? 0)} GPU-hours.`;
  const open = useDeed(
    (of: SlotRow) =>
      answer(
        exchange.POST('/v1/disputes', {
          body: { dispute_id: disputeId, lease_id: of.leaseId, slot_index: of.slot, kind: draft.kind, statement: draft.statement, claimed_gpu_seconds: usable },
        }),
      ),
    [keys.disputes, keys.deliveries],
  );
  const complaints = sortComplaints(open.error, shown);
  const change = (part: Partial<typeof draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setDisputeId(newId());
    open.reset();
  };
  return (
    <FormDialog
      title="Dispute what was delivered" deed="Open the dispute" working={open.isPending} rest={complaints.rest} disabled={!slot || !draft.statement.trim()} onClose={onClose}
      onSubmit={() => {
        setChecked(true);
        if (slot && !wrongUsable) open.mutate(slot, { onSuccess: onClose });
      }}
    >
      <p>Both sides&rsquo; records are put side by side, the node is tested anew, its provider answers, and two operators decide. Within 48 hours of the slot&rsquo;s end.</p>
      <Select
        label="Slot" allowDeselect={false} value={draft.slot} error={complaints.fields.slot_index} onChange={(value) => change({ slot: value ?? '' })}
        data={slots.map((one) => ({ value: one.key, label: `${shortTime(Date.parse(one.from), zone)}, ${gpuHours(one.delivered ?? 0)} of ${gpuHours(one.sold)} GPU-hours counted` }))}
      />
      <Select
        label="What was wrong" allowDeselect={false} data={Object.entries(kinds).map(([value, label]) => ({ value, label }))} value={draft.kind} error={complaints.fields.kind}
        onChange={(value) => change({ kind: (value ?? 'other') as DisputeKind })}
      />
      <Textarea
        label="What happened" description="Its provider and the operators read it." required maxLength={2_000} rows={4} value={draft.statement} error={complaints.fields.statement}
        onChange={(event) => change({ statement: event.currentTarget.value })}
      />
      <TextInput
        label="Usable all the same, GPU-hours" description="What you would pay for." inputMode="decimal" value={draft.usable} error={(checked && wrongUsable) || complaints.fields.claimed_gpu_seconds}
        onChange={(event) => change({ usable: event.currentTarget.value })}
      />
    </FormDialog>
  );
}
