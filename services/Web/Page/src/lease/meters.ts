import type { Delivery, DeliveryMeter, Lease } from '../api/types';

/** One slot: what was sold, what each side measured, and what counts. */
export type SlotRow = {
  key: string;
  leaseId: number;
  slot: number;
  from: string;
  to: string;
  sold: number;
  /** Null where the node has no agent. */
  agent: number | null;
  registry: number | null;
  /** Null until it is settled. */
  delivered: number | null;
  words: string;
};

const inWords = (meter: Pick<DeliveryMeter, 'sold_gpu_seconds' | 'delivered_gpu_seconds'>): string =>
  meter.delivered_gpu_seconds === undefined ? '' : meter.delivered_gpu_seconds < meter.sold_gpu_seconds ? 'The rest was paid back.' : '';

/** The slots of a lease: of its delivery where there is one, else as its provider reported them. */
export function slotRows(lease: Lease | undefined, delivery: Delivery | undefined): SlotRow[] {
  if (delivery?.meters.length) {
    return delivery.meters.map((meter) => ({
      key: `${meter.lease_id}.${meter.slot_index}`, leaseId: meter.lease_id, slot: meter.slot_index, from: meter.from_time, to: meter.to_time, sold: meter.sold_gpu_seconds,
      agent: meter.agent_gpu_seconds, registry: meter.registry_gpu_seconds, delivered: meter.delivered_gpu_seconds ?? null, words: meter.resolution || inWords(meter),
    }));
  }
  return (lease?.meters ?? []).map((meter) => ({
    key: `${lease?.lease_id ?? 0}.${meter.slot_index}`, leaseId: lease?.lease_id ?? 0, slot: meter.slot_index, from: meter.from_time, to: meter.to_time, sold: meter.sold_gpu_seconds,
    agent: delivery ? meter.agent_gpu_seconds : null, registry: delivery ? meter.registry_gpu_seconds : null, delivered: meter.metered ? meter.delivered_gpu_seconds : null,
    words: meter.metered ? inWords(meter) : '',
  }));
}

const hour = 3_600_000;

/** The slots that a buyer may dispute: metered, with something delivered in them, and ended no longer than 48 hours ago. */
export const disputable = (rows: readonly SlotRow[], now: number): SlotRow[] =>
  rows.filter((row) => row.delivered !== null && row.delivered > 0 && now - Date.parse(row.to) <= 48 * hour);

/** 1 h, 0.5 h, 0.003 h: GPU-seconds as GPU-hours, exact enough to see a difference of a few seconds. */
export const gpuHours = (gpuSeconds: number): string => (gpuSeconds / 3_600).toFixed(3).replace(/\.?0+$/, '');
