import type { Node, Settings } from '../api/types';
import { bondOfOffer, formatPrice, parseDollars } from '../words/money';
import { minute, type Zone } from '../words/time';
import { timesOf, windowComplaints } from '../buy/ticket';

/** An offer as it is being written. */
export type OfferDraft = { node: string; gpus: string; from: string; to: string; reserve: string; prompt: string; run: string };

/** An offer that can be placed. */
export type OfferWanted = {
  node: Node; gpus: number; from: number; to: number; slots: number; reserve: number; prompt: number | null; run: number; bond: number;
};

export type OfferComplaints = Partial<Record<keyof OfferDraft, string>>;

/** The longest an offer may be, in slots. */
export const longestOffer = 336;

/** Reads a draft: the offer, or what is wrong with each field. */
export function readOffer(draft: OfferDraft, nodes: Node[], now: number, zone: Zone, settings: Settings) {
  const times = timesOf(draft, now, zone, settings.slot_minutes);
  const complaints: OfferComplaints = windowComplaints(draft, times, now, settings, longestOffer);
  const node = nodes.find((one) => one.node_id === draft.node);
  if (!node) complaints.node = 'Choose one of your nodes.';
  const gpus = /^\d+$/.test(draft.gpus.trim()) ? Number(draft.gpus) : Number.NaN;
  if (!(gpus >= 1 && gpus <= (node?.gpu_count ?? 64))) complaints.gpus = `1 to ${node?.gpu_count ?? 64} GPUs.`;

  const priced = (text: string, field: 'reserve' | 'prompt', ask: string): number | null => {
    const micros = parseDollars(text);
    if (micros === null) complaints[field] = text.trim() ? 'Write dollars, for example 1.85.' : ask;
    else if (micros > settings.highest_price_micros_per_gpu_hour) complaints[field] = `At most ${formatPrice(settings.highest_price_micros_per_gpu_hour, settings.tick_micros)}.`;
    else if (micros % settings.tick_micros) complaints[field] = `In steps of ${formatPrice(settings.tick_micros, settings.tick_micros)}.`;
    return micros;
  };
  const reserve = priced(draft.reserve, 'reserve', 'The least you would take for one GPU for one hour.');
  const prompt = draft.prompt.trim() ? priced(draft.prompt, 'prompt', '') : null;
  if (prompt !== null && reserve !== null && prompt > reserve) complaints.prompt = 'Not above the reserve.';
  const slots = times.from !== null && times.to !== null ? (times.to - times.from) / (settings.slot_minutes * minute) : 0;
  const run = draft.run.trim() === '' ? 1 : /^\d+$/.test(draft.run.trim()) ? Number(draft.run) : Number.NaN;
  if (!(run >= 1 && run <= Math.max(1, slots))) complaints.run = '1 to the length of the offer, in slots.';

  if (Object.keys(complaints).length || !node || times.from === null || times.to === null || reserve === null) return { wanted: null, complaints };
  const wanted: OfferWanted = {
    node, gpus, from: times.from, to: times.to, slots, reserve, prompt, run, bond: bondOfOffer(reserve, gpus, slots, settings),
  };
  return { wanted, complaints };
}
