import type { Capacity, Settings } from '../api/types';
import { firstTradable, horizonOf, isTradable, slotOf } from '../words/gates';
import { decimalsOfTick, editableDollars, formatPrice, parseDollars } from '../words/money';
import { hour, minute, typedTime, type Zone } from '../words/time';
import { parseWhen } from '../words/when';

/** How a bid may be filled. */
export type Kind = 'divisible' | 'block' | 'standing';

/** A bid as it is being written. */
export type Draft = {
  markets: string[];
  gpus: string;
  /** The first slot; of a block the earliest that it may start with. */
  from: string;
  /** The end of the last slot; of a standing bid empty for no end. */
  to: string;
  kind: Kind;
  limit: string;
  /** Block: slots in a row; empty for all of its window. */
  run: string;
  /** Block: the least part of its GPUs, in percent. */
  minFill: string;
  /** Block: GPUs on one node; '0' for any. */
  node: string;
  /** Block: what every node that serves it must be, as a filter; empty for any. */
  where: string;
};

/** A bid that can be placed. */
export type Wanted = {
  markets: string[];
  gpus: number;
  from: number;
  /** Null: no end. */
  to: number | null;
  kind: Kind;
  limit: number;
  /** Block: slots in a row; else 0. */
  run: number;
  /** Block: per mille; else 0. */
  minFill: number;
  /** Block: above 0, GPUs in groups of this size; else 0. */
  node: number;
  /** Block: a filter; else empty. */
  where: string;
};

/** The sizes of node groups that can be chosen, besides any. */
export const nodeSizes = [2, 4, 8] as const;

const mostMarkets = 8;
const longestRun = 72;

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
  const isEndless = draft.kind === 'standing' && !draft.to.trim();
  if (isEndless) delete complaints.to;
  if (!draft.markets.length) complaints.markets = 'Choose a market.';
  else if (draft.markets.length > mostMarkets) complaints.markets = `At most ${mostMarkets} markets.`;
  const gpus = wholeNumber(draft.gpus);
  if (!(gpus >= 1 && gpus <= settings.bid_gpu_count_max)) complaints.gpus = `1 to ${settings.bid_gpu_count_max} GPUs.`;
  const limit = parseDollars(draft.limit);
  if (limit === null) complaints.limit = draft.limit.trim() ? 'Write dollars, for example 2.40.' : 'The most you would pay for one GPU for one hour.';
  else if (limit > settings.highest_price_micros_per_gpu_hour) {
    complaints.limit = `At most ${formatPrice(settings.highest_price_micros_per_gpu_hour, settings.tick_micros)}.`;
  } else if (limit % settings.tick_micros) {
    complaints.limit = `In steps of ${formatPrice(settings.tick_micros, settings.tick_micros)}.`;
  }
  const window = times.from === null || times.to === null ? null : (times.to - times.from) / (settings.slot_minutes * minute);
  const block = draft.kind === 'block' ? readBlock(draft, gpus, window, complaints) : { run: 0, minFill: 0, node: 0, where: '' };
  // A block that fills its window can start nowhere else.
  if (draft.kind === 'block' && block.run === window && times.from !== null && !complaints.from && !isTradable(times.from, now, settings)) {
    complaints.from = 'Its gate has closed: begin a slot later.';
  }
  if (Object.keys(complaints).length || times.from === null || limit === null) return { wanted: null, complaints };
  return { wanted: { markets: draft.markets, gpus, from: times.from, to: isEndless ? null : times.to, kind: draft.kind, limit, ...block }, complaints };
}

/** What only a block has; what is wrong with it is added to the complaints. */
function readBlock(draft: Draft, gpus: number, window: number | null, complaints: Complaints): Pick<Wanted, 'run' | 'minFill' | 'node' | 'where'> {
  const run = draft.run.trim() ? wholeNumber(draft.run) : (window ?? 0);
  if (!(run >= 1 && run <= longestRun)) complaints.run = `1 to ${longestRun} slots in a row.`;
  else if (window !== null && run > window) complaints.run = `Its window has only ${window} slots.`;
  const percent = wholeNumber(draft.minFill);
  if (!(percent >= 25 && percent <= 100)) complaints.minFill = '25 to 100 percent.';
  const node = wholeNumber(draft.node);
  if (node > 0 && gpus % node) complaints.node = `${draft.gpus} GPUs do not come in groups of ${node}.`;
  return { run, minFill: percent * 10, node, where: draft.where.trim() };
}

/** A bid on something that was found: as many GPUs as are free there, in its hours, with the likely price as the limit; a block where nodes were asked for. */
export function draftOf(
  found: { capacity: Pick<Capacity, 'market' | 'gpu_count' | 'free_from_time' | 'likely_price_micros_per_gpu_hour' | 'reserve_micros_per_gpu_hour'>; from: number | null; hours: number; where: string },
  now: number, zone: Zone, settings: Settings,
): Draft {
  const { capacity } = found;
  const length = settings.slot_minutes * minute;
  const free = Date.parse(capacity.free_from_time);
  const start = Math.max(Math.ceil(Math.max(free, found.from ?? free) / length) * length, firstTradable(now, settings));
  const price = capacity.likely_price_micros_per_gpu_hour ?? capacity.reserve_micros_per_gpu_hour;
  return {
    markets: [capacity.market], gpus: String(capacity.gpu_count), kind: found.where ? 'block' : 'divisible', limit: price === undefined ? '' : editableDollars(price, priceDecimals(settings)),
    from: typedTime(start, zone), to: typedTime(start + Math.max(1, found.hours) * hour, zone), run: '', minFill: '100', node: '0', where: found.where,
  };
}

const wholeNumber = (text: string): number => (/^\d+$/.test(text.trim()) ? Number(text) : Number.NaN);

/** The starts that can be chosen, and the ends. */
export function choicesOf(now: number, settings: Settings): { starts: number[]; ends: number[] } {
  const slots = horizonOf(now, settings);
  return { starts: slots.filter((slot) => isTradable(slot, now, settings)), ends: slots.map((slot) => slot + settings.slot_minutes * minute) };
}

export const priceDecimals = (settings: Settings): number => decimalsOfTick(settings.tick_micros);
