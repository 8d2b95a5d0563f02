import { describe, expect, it } from 'vitest';
import type { Delivery } from '../api/types';
import { standingOf } from './phases';

const delivery = (part: Partial<Delivery>): Delivery => ({
  delivery_id: 7, lease_ids: [7], node_id: 'n', node_name: 'rack 1', market: 'H100-SXM-80GB.us-east', simulated: false, gpu_uuids: [],
  from_time: '2026-11-23T10:00:00Z', to_time: '2026-11-23T12:00:00Z', phase: 'scheduled', close_reason: 'unspecified', message: '', ssh_endpoint: '',
  interrupt_reason: 'unspecified', meters: [], removed: false, events: [], rebid_limit_micros_per_gpu_hour: 0, ...part,
});
const at = (time: string) => Date.parse(`2026-11-23T${time}:00Z`);

describe('where a delivery stands', () => {
  it('says before the gate that GPUs are not named yet, and after it that they are', () => {
    expect(standingOf(delivery({}), at('09:00')).sentence).toContain('ten minutes before');
    expect(standingOf(delivery({ gpu_uuids: ['GPU-1'] }), at('09:55')).sentence).toContain('named and held');
    expect(standingOf(delivery({}), at('10:01')).sentence).toContain('waits to hear from the node');
  });

  it('asks for a workload while nothing runs, and tells how one ended', () => {
    expect(standingOf(delivery({ phase: 'active' }), at('10:01')).sentence).toContain('say what is to run');
    const workload = { workload_id: 'w', image: 'busybox', command: [], environment: {}, ssh_public_keys: [], cpu_count: 0, memory_bytes: 0, disk_bytes: 0, restart_on_failure: false };
    expect(standingOf(delivery({ phase: 'active', workload }), at('10:01')).sentence).toContain('was started');
    expect(standingOf(delivery({ phase: 'active', workload, exit_code: 3 }), at('10:01')).sentence).toContain('exit code 3');
  });

  it('says why it failed, and whether what it left was removed', () => {
    expect(standingOf(delivery({ phase: 'failed', close_reason: 'node_lost' }), null).sentence).toContain('not heard of');
    expect(standingOf(delivery({ phase: 'ended', close_reason: 'completed' }), null).sentence).toContain('has not said yet');
    expect(standingOf(delivery({ phase: 'ended', close_reason: 'completed', removed: true }), null).sentence).toContain('was checked');
  });
});
