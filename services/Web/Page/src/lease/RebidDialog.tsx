import { Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useMarkets } from '../api/market';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { Delivery } from '../api/types';
import { FormDialog } from '../ui/FormDialog';
import { decimalsOfTick, editableDollars } from '../words/money';
import { readPrice } from './price';

/** Whether hours that fail are bid for again by themselves. */
export function RebidDialog({ leaseId, delivery, onClose }: { leaseId: number; delivery: Delivery; onClose: () => void }) {
  const settings = useMarkets().data?.settings;
  const before = delivery.rebid_limit_micros_per_gpu_hour;
  const [enabled, setEnabled] = useState(before > 0);
  const [limit, setLimit] = useState(before ? editableDollars(before, decimalsOfTick(settings?.tick_micros ?? 1_000)) : '');
  const [checked, setChecked] = useState(false);
  const price = settings ? readPrice(limit, settings) : { micros: 0, complaint: 'The settings have not come yet.' };
  const set = useDeed(
    () => answer(exchange.PUT('/v1/rebids', { body: { lease_id: leaseId, enabled, limit_micros_per_gpu_hour: enabled ? price.micros : 0 } })),
    [keys.deliveries],
  );
  const complaints = sortComplaints(set.error, ['limit_micros_per_gpu_hour']);
  return (
    <FormDialog
      title="If hours fail" deed="Save" working={set.isPending} rest={complaints.rest} onClose={onClose}
      onSubmit={() => {
        setChecked(true);
        if (!enabled || !price.complaint) set.mutate(undefined, { onSuccess: onClose });
      }}
    >
      <Checkbox
        label="Bid again for hours that are not delivered" description="The same number of GPUs in the same market, for what is left; the workload moves along." checked={enabled}
        onChange={(event) => setEnabled(event.currentTarget.checked)}
      />
      {enabled ? (
        <TextInput
          label="Limit, $/GPU-h" inputMode="decimal" placeholder="2.80" value={limit} error={(checked && price.complaint) || complaints.fields.limit_micros_per_gpu_hour}
          onChange={(event) => {
            setLimit(event.currentTarget.value);
            set.reset();
          }}
        />
      ) : null}
    </FormDialog>
  );
}
