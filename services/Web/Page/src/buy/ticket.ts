import type { Settings } from '../api/types';
import { horizonOf, isTradable, slotOf } from '../words/gates';
import { decimalsOfTick, formatPrice, parseDollars, reserveOfBid } from '../words/money';
import { minute, typedTime, type Zone } from '../words/time';
import { parseWhen } from '../words/when';

/** A bid as it is being written. */
export type Draft = { market: string; gpus: string; from: string; to: string; kind: 'divisible' | 'block'; limit: string };

/** A bid that can be placed. */
export type Wanted = {
  market: string;
  gpus: number;
  from: number;
  to: number;
  slots: number;
  kind: 'divisible' | 'block';
  limit: number;
  reserve: { cost: number; fee: number; total: number };
};

export type Complaints = Partial<Record<keyof Draft, string>>;

/** The times of a draft, as far as they can be read. */
export function timesOf(draft: Pick<Draft, 'from' | 'to'>, now: number, zone: Zone, slotMinutes: number) {
  return { from: parseWhen(draft.from, now, zone, slotMinutes), to: parseWhen(draft.to, now, zone, slotMinutes) };
}

/** The times of a draft, written in another zone; what could not be read stays as it is. */
export function timesIn(zone: Zone, draft: Pick<Draft, 'from' | 'to'>, writtenIn: Zone, now: number, slotMinutes: number): Pick<Draft, 'from' | 'to'> {
  const { from, to } = timesOf(draft, now, writtenIn, slotMinutes);
  return { from: from === null ? draft.from : typedTime(from, zone), to: to === null ? draft.to : typedTime(to, zone) };
}

/** What is wrong with a window of slots, by field; the rules are the exchange's, said before it is asked. */
export function windowComplaints(
  draft: Pick<Draft, 'from' | 'to'>, times: { from: number | null; to: number | null }, now: number, settings: Settings, mostSlots: number,
): { from?: string; to?: string } {
  const length = settings.slot_minutes * minute;
  const said: { from?: string; to?: string } = {};
  if (times.from === null) said.from = draft.from.trim() ? 'Not a time: write 2026-01-31 15:00, 15:00, tomorrow 09:00 or +3h.' : 'When does it begin?';
  else if (times.from % length) said.from = `Slots are ${settings.slot_minutes} minutes long: begin at the start of one.`;
  else if (times.from < slotOf(now, settings)) said.from = 'That is past.';
  if (times.to === null) said.to = draft.to.trim() ? 'Not a time: write 2026-01-31 15:00, 15:00, tomorrow 09:00 or +6h.' : 'When does it end?';
  else if (times.to % length) said.to = `Slots are ${settings.slot_minutes} minutes long: end at the end of one.`;
  else if (times.from !== null && times.to <= times.from) said.to = 'It must end after it begins.';
  else if (times.from !== null && (times.to - times.from) / length > mostSlots) said.to = `At most ${mostSlots} slots.`;
  return said;
}

/** Reads a draft: the bid, or what is wrong with each field. */
export function readDraft(draft: Draft, now: number, zone: Zone, settings: Settings): { wanted: Wanted | null; complaints: Complaints } {
  const times = timesOf(draft, now, zone, settings.slot_minutes);
  const complaints: Complaints = windowComplaints(draft, times, now, settings, settings.horizon_slot_count);
  if (!draft.market) complaints.market = 'Choose a market.';
  const gpus = /^\d+$/.test(draft.gpus.trim()) ? Number(draft.gpus) : Number.NaN;
  if (!(gpus >= 1 && gpus <= settings.bid_gpu_count_max)) complaints.gpus = `1 to ${settings.bid_gpu_count_max} GPUs.`;
  const limit = parseDollars(draft.limit);
  if (limit === null) complaints.limit = draft.limit.trim() ? 'Write dollars, for example 2.40.' : 'The most you would pay for one GPU for one hour.';
  else if (limit > settings.highest_price_micros_per_gpu_hour) {
    complaints.limit = `At most ${formatPrice(settings.highest_price_micros_per_gpu_hour, settings.tick_micros)}.`;
  } else if (limit % settings.tick_micros) {
    complaints.limit = `In steps of ${formatPrice(settings.tick_micros, settings.tick_micros)}.`;
  }
  if (draft.kind === 'block' && times.from !== null && !complaints.from && !isTradable(times.from, now, settings)) {
    complaints.from = 'Its gate has closed: begin a slot later.';
  }
  if (Object.keys(complaints).length || times.from === null || times.to === null || limit === null) return { wanted: null, complaints };
  const slots = (times.to - times.from) / (settings.slot_minutes * minute);
  const reserve = reserveOfBid(limit, gpus, slots, settings.slot_minutes, settings.buyer_fee_ppm);
  return { wanted: { market: draft.market, gpus, from: times.from, to: times.to, slots, kind: draft.kind, limit, reserve }, complaints };
}

/** The starts that can be chosen, and the ends. */
export function choicesOf(now: number, settings: Settings): { starts: number[]; ends: number[] } {
  const slots = horizonOf(now, settings);
  return { starts: slots.filter((slot) => isTradable(slot, now, settings)), ends: slots.map((slot) => slot + settings.slot_minutes * minute) };
}

export const priceDecimals = (settings: Settings): number => decimalsOfTick(settings.tick_micros);
