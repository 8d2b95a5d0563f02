import { useMemo } from 'react';
import { useIndicative, useMarkets, useRun, useRuns, useSlotPrices } from '../api/market';
import type { Market, Run, SlotPrice } from '../api/types';
import { useNow } from '../live/clock';
import { horizonOf, slotOf } from '../words/gates';
import { day, hour, instantOf, minute, wireTime } from '../words/time';
import { firstSlotOf, freeAfter, type Free } from './record';

/** What the board says of one market. */
export type BoardRow = {
  market: string;
  state: Market['state'];
  /** The newest price of the next slot that has one; null where nothing was ever traded. */
  spot: number | null;
  /** The slot of that price. */
  spotSlot: number | null;
  /** What the same slot, or the next that would trade, would clear at if the run were closed now; null where nothing would. */
  indicative: { slot: number; price: number } | null;
  /** Its change against the slot a day before, in parts per million; null where that had no price. */
  changePpm: number | null;
  /** The last day's prices, oldest first. */
  line: number[];
  /** GPU-minutes sold for delivery in the last day. */
  gpuMinutes: number;
  /** GPUs left on offer in the next slot after the last run. */
  free: number | null;
};

/** The settings that are missing until the markets have come. */
const noSchedule = { slot_minutes: 60, gate_minutes: 10, run_interval_seconds: 60, horizon_slot_count: 72, prompt_minutes_min: 1 };

/** The slot in progress, all slots of the horizon, and the schedule: changes only when a slot ends. */
export function useSlots() {
  const markets = useMarkets();
  const schedule = markets.data?.settings ?? noSchedule;
  const now = useNow(minute);
  const current = now === null ? null : slotOf(now, schedule);
  const slots = useMemo(() => (current === null ? [] : horizonOf(current, schedule)), [current, schedule]);
  return { schedule, current, slots, markets };
}

/** The newest run whose record holds offers, and what it left unsold. */
export function useLastRecord() {
  const runs = useRuns();
  const run = runs.data?.runs.find((candidate) => candidate.cleared_time && candidate.offer_count > 0 && candidate.bid_count > 0);
  const record = useRun(run?.run_id ?? null, true);
  const data = record.data;
  return useMemo(() => {
    if (!data?.problem) return null;
    const free = freeAfter(data.problem, data.solution);
    const first = firstSlotOf(data.run, data.problem);
    const length = data.problem.slot_minutes * minute;
    const markets = new Map(data.problem.markets.map((market, index) => [market, index]));
    return {
      run: data.run,
      /** What was left of a market's slot; null where the run did not reach. */
      freeOf(market: string, slot: number): Free | null {
        const row = markets.get(market);
        return row === undefined ? null : (free[row]?.[Math.round((slot - first) / length)] ?? null);
      },
    };
  }, [data]);
}

export type LastRecord = NonNullable<ReturnType<typeof useLastRecord>>;

/** Prices of all markets from a day before to the end of the horizon, by market and slot. */
export function useBoardPrices() {
  const { current, slots, schedule } = useSlots();
  const end = (slots.at(-1) ?? 0) + schedule.slot_minutes * minute;
  const query = useSlotPrices('', current === null ? '' : wireTime(current - day - hour), current === null ? '' : wireTime(end), current !== null);
  const byMarket = useMemo(() => {
    const map = new Map<string, Map<number, SlotPrice>>();
    for (const price of query.data ?? []) {
      let row = map.get(price.market);
      if (!row) map.set(price.market, (row = new Map<number, SlotPrice>()));
      row.set(instantOf(price.slot_time), price);
    }
    return map;
  }, [query.data]);
  return { query, byMarket };
}

/** What each slot of each market would clear at if the run were closed now, by market and slot. */
export function useIndicativeBySlot() {
  const query = useIndicative();
  return useMemo(() => {
    const byMarket = new Map<string, Map<number, { price: number; gpus: number }>>();
    for (const price of query.data?.prices ?? []) {
      let row = byMarket.get(price.market);
      if (!row) byMarket.set(price.market, (row = new Map<number, { price: number; gpus: number }>()));
      row.set(instantOf(price.slot_time), { price: price.price_micros_per_gpu_hour, gpus: price.gpu_count });
    }
    return { byMarket, computedTime: query.data?.computed_time, bids: query.data?.bid_count ?? 0, offers: query.data?.offer_count ?? 0 };
  }, [query.data]);
}

/** One row a market: price, change, volume, what is left. */
export function useBoard() {
  const { markets, current, schedule } = useSlots();
  const prices = useBoardPrices();
  const record = useLastRecord();
  const { byMarket: indicative } = useIndicativeBySlot();
  const rows = useMemo(() => {
    if (!markets.data || current === null || prices.query.isPending) return undefined;
    const next = current + schedule.slot_minutes * minute;
    return markets.data.markets.map(({ market, state }): BoardRow => {
      const slots = [...(prices.byMarket.get(market)?.entries() ?? [])].sort(([one], [other]) => one - other);
      const spot = slots.find(([slot]) => slot >= current) ?? slots.at(-1);
      const before = spot && slots.find(([slot]) => slot === spot[0] - day);
      const past = slots.filter(([slot]) => slot <= current && slot > current - day);
      const price = spot?.[1].last_price_micros_per_gpu_hour ?? null;
      const old = before?.[1].mean_price_micros_per_gpu_hour ?? 0;
      return {
        market,
        state,
        spot: price,
        spotSlot: spot?.[0] ?? null,
        indicative: indicativeOf(indicative.get(market), spot?.[0], current),
        changePpm: price !== null && old > 0 ? Math.round(((price - old) / old) * 1_000_000) : null,
        line: past.map(([, point]) => point.mean_price_micros_per_gpu_hour),
        gpuMinutes: past.reduce((sum, [, point]) => sum + point.gpu_minutes, 0),
        free: record?.freeOf(market, next)?.gpus ?? null,
      };
    });
  }, [markets.data, current, schedule.slot_minutes, prices.byMarket, prices.query.isPending, record, indicative]);
  return { rows, markets, prices: prices.query };
}

/** The indicative price of a slot; without one that of the first slot to come that has one. */
function indicativeOf(row: Map<number, { price: number }> | undefined, slot: number | undefined, current: number): BoardRow['indicative'] {
  if (!row) return null;
  const at = slot !== undefined && row.has(slot) ? slot : [...row.keys()].sort((one, other) => one - other).find((one) => one >= current);
  const found = at === undefined ? undefined : row.get(at);
  return at === undefined || !found ? null : { slot: at, price: found.price };
}

/** The newest run that was cleared. */
export const lastCleared = (runs: Run[] | undefined): Run | undefined => runs?.find((run) => run.cleared_time);
