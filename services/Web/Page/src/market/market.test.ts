import { describe, expect, it } from 'vitest';
import type { Problem, Solution } from '../api/types';
import { crossing } from './depth';
import { freeAfter, leftOutOf, soldIn } from './record';

const problem: Problem = {
  version: 1, slot_minutes: 60, slots: 4, markets: ['H100-SXM-80GB.us'],
  offers: [
    { id: 'o1', market: 0, gpus: 8, from: 0, to: 4, reserve: 2_000_000 },
    { id: 'o2', market: 0, gpus: 4, from: 1, to: 2, reserve: [1_500_000] },
  ],
  bids: [
    { id: 'd1', kind: 'divisible', markets: [0], gpus: 6, from: 0, to: 4, limit: 2_400_000 },
    { id: 'b1', kind: 'block', markets: [0], gpus: 6, from: 0, to: 3, run: 3, limit: 2_300_000 },
  ],
};
const solution: Solution = {
  version: 1, status: 'optimal', welfare: 1, bound: 1,
  prices: [[2_200_000, 2_200_000, 2_200_000, 2_200_000]],
  fills: [{ bid: 'd1', offer: 'o1', from: 0, to: 4, gpus: 6 }],
  left_out: ['b1'],
};

describe('the record of a run', () => {
  it('tells what was left, and from which price on', () => {
    const free = freeAfter(problem, solution)[0] ?? [];
    expect(free.map((cell) => cell.gpus)).toEqual([2, 6, 2, 2]);
    expect(free[1]?.reserve).toBe(1_500_000);
  });

  it('tells by how much a block was in the money, and how little room there was', () => {
    expect(leftOutOf(problem, solution)).toEqual([
      expect.objectContaining({ market: 'H100-SXM-80GB.us', from: 0, to: 3, mean: 2_200_000, margin: 100_000, tightest: 2 }),
    ]);
  });

  it('tells the price and the volume of each slot that was sold', () => {
    const part = { ...solution, prices: [[null, 2_200_000, 2_200_000, null]], fills: [{ bid: 'd1', offer: 'o1', from: 1, to: 3, gpus: 4 }, { bid: 'd1', offer: 'o2', from: 1, to: 2, gpus: 2 }] };
    expect(soldIn(problem, part)).toEqual([
      { market: 'H100-SXM-80GB.us', slot: 1, price: 2_200_000, gpus: 6 },
      { market: 'H100-SXM-80GB.us', slot: 2, price: 2_200_000, gpus: 4 },
    ]);
  });

  it('weighs the slot in progress by what is left of it', () => {
    const late = { ...problem, first_slot_minutes: 30 };
    const dear = { ...solution, prices: [[2_700_000, 2_200_000, 2_200_000, 2_200_000]] };
    expect(leftOutOf(late, dear)[0]?.mean).toBe(2_300_000);
  });
});

describe('depth', () => {
  const level = (price: number, gpus: number) => ({ price_micros_per_gpu_hour: price, gpu_count: gpus, order_count: 1 });

  it('says how many GPUs meet and between which prices', () => {
    const depth = { slot_time: '', bids: [level(2_500, 4), level(2_100, 4), level(1_000, 9)], offers: [level(1_900, 6), level(2_200, 10)] };
    expect(crossing(depth)).toEqual({ gpus: 6, low: 1_900, high: 2_100 });
  });

  it('says when nothing meets', () => {
    expect(crossing({ slot_time: '', bids: [level(1_000, 4)], offers: [level(1_900, 6)] })).toBeNull();
    expect(crossing({ slot_time: '', bids: [], offers: [level(1_900, 6)] })).toBeNull();
  });
});
