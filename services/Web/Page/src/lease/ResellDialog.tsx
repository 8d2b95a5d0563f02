import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useMarkets } from '../api/market';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { Lease } from '../api/types';
import { useZone } from '../app/zone';
import { FormDialog } from '../ui/FormDialog';
import { Money } from '../ui/figures';
import { Message } from '../ui/states';
import { WhenField } from '../ui/WhenField';
import styles from '../ui/form.module.css';
import { newId } from '../words/ids';
import { instantOf, minute, typedTime, wireTime } from '../words/time';
import { parseWhen } from '../words/when';
import { readPrice } from './price';

/** Offers what is left of a lease to others. */
export function ResellDialog({ lease, now, onClose }: { lease: Lease; now: number; onClose: () => void }) {
  const settings = useMarkets().data?.settings;
  const zone = useZone();
  const length = (settings?.slot_minutes ?? 60) * minute;
  const begin = Math.max(instantOf(lease.from_time), Math.ceil((now + 1) / length) * length);
  const end = instantOf(lease.to_time);
  const [draft, setDraft] = useState(() => ({ gpus: String(lease.gpu_count), from: typedTime(begin, zone), to: typedTime(end, zone), reserve: '' }));
  const [requestId, setRequestId] = useState(newId);
  const [checked, setChecked] = useState(false);
  const price = settings ? readPrice(draft.reserve, settings) : { micros: 0, complaint: 'The settings have not come yet.' };
  const gpus = /^\d+$/.test(draft.gpus.trim()) ? Number(draft.gpus) : Number.NaN;
  const wrongGpus = gpus >= 1 && gpus <= lease.gpu_count ? '' : `1 to ${lease.gpu_count} GPUs.`;
  const from = parseWhen(draft.from, now, zone, settings?.slot_minutes ?? 60);
  const to = parseWhen(draft.to, now, zone, settings?.slot_minutes ?? 60);
  const wrongFrom = from === null ? 'Not a time.' : from < begin ? 'Only slots that have not begun.' : '';
  const wrongTo = to === null ? 'Not a time.' : to > end ? 'Not after the lease ends.' : from !== null && to <= from ? 'It must end after it begins.' : '';
  const resell = useDeed(
    () =>
      answer(
        exchange.POST('/v1/resales', {
          body: { request_id: requestId, lease_id: lease.lease_id, gpu_count: gpus, from_time: wireTime(from ?? 0), to_time: wireTime(to ?? 0), reserve_micros_per_gpu_hour: price.micros, run_slot_count_min: 0 },
        }),
      ),
    [keys.offers, keys.account, keys.leases],
  );
  const complaints = sortComplaints(resell.error, ['gpu_count', 'from_time', 'to_time', 'reserve_micros_per_gpu_hour']);
  const change = (part: Partial<typeof draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setRequestId(newId());
    resell.reset();
  };
  const starts = Array.from({ length: Math.max(0, (end - begin) / length) }, (_, index) => begin + index * length);
  const done = resell.data?.offer;
  return (
    <FormDialog
      title={`Resell lease ${lease.lease_id}`} deed={done ? 'Done' : 'Offer it'} working={resell.isPending} rest={complaints.rest} disabled={!starts.length} onClose={onClose}
      onSubmit={() => {
        setChecked(true);
        if (done) onClose();
        else if (!wrongGpus && !wrongFrom && !wrongTo && !price.complaint) resell.mutate(undefined);
      }}
    >
      <p>Whole slots to come, in the market, served by the same node. What is sold on is no longer yours; a bond is reserved as for any offer.</p>
      {starts.length ? (
        <>
          <div className={styles.pair}>
            <TextInput label="GPUs" inputMode="numeric" value={draft.gpus} error={(checked && wrongGpus) || complaints.fields.gpu_count} onChange={(event) => change({ gpus: event.currentTarget.value })} />
            <TextInput
              label="Reserve, $/GPU-h" description="The least you would take." inputMode="decimal" placeholder="1.85" data-autofocus value={draft.reserve}
              error={(checked && price.complaint) || complaints.fields.reserve_micros_per_gpu_hour} onChange={(event) => change({ reserve: event.currentTarget.value })}
            />
          </div>
          <div className={styles.pair}>
            <WhenField label="From" value={draft.from} instant={from} choices={starts} error={(checked && wrongFrom) || complaints.fields.from_time} onChange={(value) => change({ from: value })} />
            <WhenField label="To" value={draft.to} instant={to} choices={starts.map((start) => start + length)} error={(checked && wrongTo) || complaints.fields.to_time} onChange={(value) => change({ to: value })} />
          </div>
        </>
      ) : (
        <Message tone="warn">Its last slot has begun: nothing of it can be sold on any more.</Message>
      )}
      {done ? (
        <Message tone="good">
          Offer {done.offer_id} was placed; <Money micros={resell.data?.bond_micros ?? 0} /> is bonded.
        </Message>
      ) : null}
    </FormDialog>
  );
}
