import { describe, expect, it } from 'vitest';
import type { Delivery, Lease } from '../api/types';
import { disputable, gpuHours, slotRows } from './meters';

const meter = { slot_index: 0, from_time: '2026-11-23T10:00:00Z', to_time: '2026-11-23T11:00:00Z', sold_gpu_seconds: 28_800 };
const lease = { lease_id: 7, meters: [{ ...meter, metered: true, delivered_gpu_seconds: 14_400, agent_gpu_seconds: 0, registry_gpu_seconds: 0 }] } as unknown as Lease;
const delivery = (part: object) => ({ meters: [{ lease_id: 7, ...meter, agent_gpu_seconds: 28_800, registry_gpu_seconds: 28_790, resolution: 'The lower one counts.', ...part }] }) as unknown as Delivery;

describe('the slots of a lease', () => {
  it('show both sides and how they were brought together', () => {
    expect(slotRows(lease, delivery({ delivered_gpu_seconds: 28_790 }))[0]).toMatchObject({ agent: 28_800, registry: 28_790, delivered: 28_790, words: 'The lower one counts.' });
  });

  it('of a node without an agent have one side only', () => {
    expect(slotRows(lease, undefined)[0]).toMatchObject({ agent: null, registry: null, delivered: 14_400, words: 'The rest was paid back.' });
  });

  it('can be disputed once they are settled, within 48 hours, if anything was delivered', () => {
    const at = (time: string) => Date.parse(time);
    expect(disputable(slotRows(lease, delivery({})), at('2026-11-23T11:30:00Z'))).toHaveLength(0);
    expect(disputable(slotRows(lease, undefined), at('2026-11-25T11:00:00Z'))).toHaveLength(1);
    expect(disputable(slotRows(lease, undefined), at('2026-11-25T11:00:01Z'))).toHaveLength(0);
    expect(disputable(slotRows(lease, delivery({ delivered_gpu_seconds: 0 })), at('2026-11-23T11:30:00Z'))).toHaveLength(0);
  });

  it.each([[28_800, '8'], [1_800, '0.5'], [28_790, '7.997'], [0, '0']])('%i GPU-seconds are %s GPU-hours', (seconds, hours) => expect(gpuHours(seconds)).toBe(hours));
});
