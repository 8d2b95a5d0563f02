import { minute, second } from './time';

/** The settings of the market that say when something happens. */
export type Schedule = {
  slot_minutes: number;
  gate_minutes: number;
  run_interval_seconds: number;
  horizon_slot_count: number;
  prompt_minutes_min: number;
};

/** The start of the slot that an instant falls into. */
export const slotOf = (instant: number, schedule: Pick<Schedule, 'slot_minutes'>): number =>
  instant - (instant % (schedule.slot_minutes * minute));

/** The next moment of a run: whole intervals since the epoch. */
export function nextRun(now: number, schedule: Schedule): number {
  const interval = schedule.run_interval_seconds * second;
  return (Math.floor(now / interval) + 1) * interval;
}

/** The next gate: when it is, and the start of the slot that closes then. */
export function nextGate(now: number, schedule: Schedule): { gate: number; slot: number } {
  const length = schedule.slot_minutes * minute;
  const lead = schedule.gate_minutes * minute;
  let slot = slotOf(now, schedule) + length;
  if (slot - lead <= now) slot += length;
  return { gate: slot - lead, slot };
}

/** Whether a slot can still be bought: before its gate, or in progress with enough of it left. */
export function isTradable(slot: number, now: number, schedule: Schedule): boolean {
  const length = schedule.slot_minutes * minute;
  if (slot <= now) return slot + length - now >= Math.max(1, schedule.prompt_minutes_min) * minute;
  return now < slot - schedule.gate_minutes * minute && slot < slotOf(now, schedule) + schedule.horizon_slot_count * length;
}

/** The first slot that can be traded now. */
export function firstTradable(now: number, schedule: Schedule): number {
  let slot = slotOf(now, schedule);
  for (let step = 0; step < 3 && !isTradable(slot, now, schedule); step++) slot += schedule.slot_minutes * minute;
  return slot;
}

/** The starts of all slots of the horizon, the one in progress first. */
export function horizonOf(now: number, schedule: Schedule): number[] {
  const first = slotOf(now, schedule);
  return Array.from({ length: schedule.horizon_slot_count }, (_, index) => first + index * schedule.slot_minutes * minute);
}
