import { describe, expect, it } from 'vitest';
import { firstTradable, horizonOf, isTradable, nextGate, nextRun } from './gates';

const schedule = { slot_minutes: 60, gate_minutes: 10, run_interval_seconds: 60, horizon_slot_count: 72, prompt_minutes_min: 5 };
const at = (text: string) => Date.parse(`2026-03-01T${text}Z`);

describe('the schedule', () => {
  it('runs at whole intervals, never now', () => {
    expect(nextRun(at('13:20:00'), schedule)).toBe(at('13:21:00'));
    expect(nextRun(at('13:20:59'), schedule)).toBe(at('13:21:00'));
    expect(nextRun(at('13:20:00'), { ...schedule, run_interval_seconds: 1_800 })).toBe(at('13:30:00'));
  });

  it('closes a slot ten minutes before it starts', () => {
    expect(nextGate(at('13:20:00'), schedule)).toEqual({ gate: at('13:50:00'), slot: at('14:00:00') });
    expect(nextGate(at('13:50:00'), schedule)).toEqual({ gate: at('14:50:00'), slot: at('15:00:00') });
  });

  it('trades the slot in progress while enough of it is left', () => {
    expect(isTradable(at('13:00:00'), at('13:20:00'), schedule)).toBe(true);
    expect(isTradable(at('13:00:00'), at('13:55:00'), schedule)).toBe(true);
    expect(isTradable(at('13:00:00'), at('13:55:01'), schedule)).toBe(false);
  });

  it('does not trade a slot between its gate and its start, nor beyond the horizon', () => {
    expect(isTradable(at('14:00:00'), at('13:49:59'), schedule)).toBe(true);
    expect(isTradable(at('14:00:00'), at('13:50:00'), schedule)).toBe(false);
    const slots = horizonOf(at('13:20:00'), schedule);
    expect(slots).toHaveLength(72);
    expect(isTradable((slots.at(-1) ?? 0) + 3_600_000, at('13:20:00'), schedule)).toBe(false);
  });

  it('names the first slot that trades', () => {
    expect(firstTradable(at('13:20:00'), schedule)).toBe(at('13:00:00'));
    expect(firstTradable(at('13:57:00'), schedule)).toBe(at('15:00:00'));
  });
});
