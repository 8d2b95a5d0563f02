import type { Problem, ProblemBid, Run, Solution } from '../api/types';
import { instantOf, minute } from '../words/time';

/** The start of slot 0 of a run: the slot in progress when it was closed. */
export function firstSlotOf(run: Run, problem: Problem): number {
  const closed = instantOf(run.closed_time);
  return closed - (closed % (problem.slot_minutes * minute));
}

/** GPUs of a market and slot that were on offer in a run and remained unsold, and the least reserve among them. */
export type Free = { gpus: number; reserve: number };

/** What a run left unsold, by market and slot position. */
export function freeAfter(problem: Problem, solution: Solution | null): Free[][] {
  const sold = new Map<string, number[]>();
  for (const fill of solution?.fills ?? []) {
    const slots = sold.get(fill.offer) ?? [];
    for (let slot = fill.from; slot < fill.to; slot++) slots[slot] = (slots[slot] ?? 0) + fill.gpus;
    sold.set(fill.offer, slots);
  }
  const free = problem.markets.map(() => Array.from({ length: problem.slots }, (): Free => ({ gpus: 0, reserve: Number.POSITIVE_INFINITY })));
  for (const offer of problem.offers) {
    for (let slot = offer.from; slot < offer.to; slot++) {
      const left = offer.gpus - (sold.get(offer.id)?.[slot] ?? 0);
      const cell = free[offer.market]?.[slot];
      if (left <= 0 || !cell) continue;
      const reserves = offer.reserve;
      const reserve = typeof reserves === 'number' ? reserves : (reserves[slot - offer.from] ?? reserves[0] ?? 0);
      cell.gpus += left;
      cell.reserve = Math.min(cell.reserve, reserve);
    }
  }
  return free;
}

/** One market and slot in which a run sold something. */
export type Sold = { market: string; slot: number; price: number; gpus: number };

/** What a run sold, by market and slot, the slot as its position. */
export function soldIn(problem: Problem, solution: Solution): Sold[] {
  const marketOf = new Map(problem.offers.map((offer) => [offer.id, offer.market]));
  const gpus = new Map<string, number>();
  for (const fill of solution.fills) {
    for (let slot = fill.from; slot < fill.to; slot++) {
      const key = `${marketOf.get(fill.offer) ?? -1} ${slot}`;
      gpus.set(key, (gpus.get(key) ?? 0) + fill.gpus);
    }
  }
  return solution.prices.flatMap((row, market) =>
    row.flatMap((price, slot) =>
      price === null ? [] : [{ market: problem.markets[market] ?? '', slot, price, gpus: gpus.get(`${market} ${slot}`) ?? 0 }],
    ),
  );
}

/** A block that a run left out although it was in the money, and by how much. */
export type LeftOut = {
  bid: ProblemBid;
  market: string;
  /** Slots, by position. */
  from: number;
  to: number;
  /** The mean price of its slots, micro-dollars per GPU-hour. */
  mean: number;
  /** The limit less the mean: how much it was in the money. */
  margin: number;
  /** GPUs left in the slot of its run that had the fewest. */
  tightest: number;
};

/** The blocks a run left out, each at the cheapest place it could have had. */
export function leftOutOf(problem: Problem, solution: Solution): LeftOut[] {
  const bids = new Map(problem.bids.map((bid) => [bid.id, bid]));
  const free = freeAfter(problem, solution);
  const found: LeftOut[] = [];
  for (const id of solution.left_out) {
    const bid = bids.get(id);
    if (!bid) continue;
    const best = placesOf(bid)
      .map((place) => ({ ...place, mean: meanPrice(problem, solution, place) }))
      .filter((place): place is typeof place & { mean: number } => place.mean !== null)
      .sort((one, other) => one.mean - other.mean)[0];
    if (!best) continue;
    const left = (free[best.market] ?? []).slice(best.from, best.to).map((cell) => cell.gpus);
    found.push({
      bid,
      market: problem.markets[best.market] ?? '',
      from: best.from,
      to: best.to,
      mean: best.mean,
      margin: bid.limit - best.mean,
      tightest: Math.min(...left),
    });
  }
  return found;
}

type Place = { market: number; from: number; to: number };

function placesOf(bid: ProblemBid): Place[] {
  const run = bid.run ?? bid.to - bid.from;
  const starts = bid.starts ?? Array.from({ length: bid.to - run - bid.from + 1 }, (_, index) => bid.from + index);
  return bid.markets.flatMap((market) => starts.map((from) => ({ market, from, to: from + run })));
}

function meanPrice(problem: Problem, solution: Solution, place: Place): number | null {
  let sum = 0;
  let weights = 0;
  for (let slot = place.from; slot < place.to; slot++) {
    const price = solution.prices[place.market]?.[slot] ?? null;
    if (price === null) return null;
    const weight = slot === 0 ? (problem.first_slot_minutes ?? problem.slot_minutes) : problem.slot_minutes;
    sum += price * weight;
    weights += weight;
  }
  return weights ? sum / weights : null;
}

/** How far a run may be from the best there is, in parts per million. */
export const gapPpm = (run: Pick<Run, 'welfare_micros' | 'bound_micros'>): number =>
  Math.round(((run.bound_micros - run.welfare_micros) / Math.max(1, run.bound_micros)) * 1_000_000);
