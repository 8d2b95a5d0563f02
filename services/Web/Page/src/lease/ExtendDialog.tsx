import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useMarkets } from '../api/market';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { Delivery } from '../api/types';
import { FormDialog } from '../ui/FormDialog';
import { Time } from '../ui/figures';
import { Message } from '../ui/states';
import styles from '../ui/form.module.css';
import { newId } from '../words/ids';
import { readPrice } from './price';

/** Bids for the hours after a delivery on the same GPUs. */
export function ExtendDialog({ delivery, onClose }: { delivery: Delivery; onClose: () => void }) {
  const settings = useMarkets().data?.settings;
  const [slots, setSlots] = useState('1');
  const [limit, setLimit] = useState('');
  const [requestId, setRequestId] = useState(newId);
  const [checked, setChecked] = useState(false);
  const last = delivery.lease_ids.at(-1) ?? delivery.delivery_id;
  const count = /^\d+$/.test(slots.trim()) ? Number(slots) : Number.NaN;
  const wrongSlots = count >= 1 && count <= 72 ? '' : '1 to 72 slots.';
  const price = settings ? readPrice(limit, settings) : { micros: 0, complaint: 'The settings have not come yet.' };
  const extend = useDeed(
    () =>
      answer(
        exchange.POST('/v1/leases/{lease_id}/extend', {
          params: { path: { lease_id: last } }, body: { request_id: requestId, slot_count: count, limit_micros_per_gpu_hour: price.micros },
        }),
      ),
    [keys.bids, keys.account, keys.deliveries],
  );
  const complaints = sortComplaints(extend.error, ['slot_count', 'limit_micros_per_gpu_hour']);
  const change = (put: () => void) => {
    put();
    setRequestId(newId());
    extend.reset();
  };
  const done = extend.data;
  return (
    <FormDialog
      title="Extend" deed={done?.accepted ? 'Done' : 'Bid for it'} working={extend.isPending} rest={complaints.rest} onClose={onClose}
      onSubmit={() => {
        setChecked(true);
        if (done?.accepted) onClose();
        else if (!wrongSlots && !price.complaint) extend.mutate(undefined);
      }}
    >
      <p>
        A bid for the hours from <Time at={delivery.to_time} /> on the same GPUs of the same node. If the coming runs buy it, what runs goes on without a break; if not, it ends
        as it was to.
      </p>
      <div className={styles.pair}>
        <TextInput label="Slots more" inputMode="numeric" data-autofocus value={slots} error={(checked && wrongSlots) || complaints.fields.slot_count} onChange={(event) => change(() => setSlots(event.currentTarget.value))} />
        <TextInput
          label="Limit, $/GPU-h" description="On the mean of these hours." inputMode="decimal" placeholder="2.40" value={limit} error={(checked && price.complaint) || complaints.fields.limit_micros_per_gpu_hour}
          onChange={(event) => change(() => setLimit(event.currentTarget.value))}
        />
      </div>
      {done ? done.accepted ? <Message tone="good">Bid {done.bid_id} was placed. It takes part in the next run.</Message> : <Message tone="bad">{done.refusal}</Message> : null}
    </FormDialog>
  );
}
