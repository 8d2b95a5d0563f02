import type { Depth, DepthLevel } from '../api/types';

/** A level with everything at it or better. */
export type Step = { price: number; gpus: number; orders: number; sum: number };

/** Levels added up from the best price on. */
export function accumulate(levels: DepthLevel[]): Step[] {
  let sum = 0;
  return levels.map((level) => {
    sum += level.gpu_count;
    return { price: level.price_micros_per_gpu_hour, gpus: level.gpu_count, orders: level.order_count, sum };
  });
}

/** How many GPUs would meet if everything were divisible, and between which prices; null where bids and offers do not meet. */
export function crossing(depth: Depth): { gpus: number; low: number; high: number } | null {
  const bids = accumulate(depth.bids);
  const offers = accumulate(depth.offers);
  let most: { gpus: number; low: number; high: number } | null = null;
  for (const bid of bids) {
    const offered = offers.filter((offer) => offer.price <= bid.price).at(-1);
    if (!offered) continue;
    const gpus = Math.min(bid.sum, offered.sum);
    if (most && gpus <= most.gpus) continue;
    // The dearest offer needed for so many GPUs, and the lowest bid that is still among them.
    const low = offers.find((offer) => offer.sum >= gpus)?.price ?? offered.price;
    const high = bids.find((other) => other.sum >= gpus)?.price ?? bid.price;
    most = { gpus, low, high };
  }
  return most;
}
