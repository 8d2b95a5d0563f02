import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import type { StreamMarketDataResponse } from '../api/types';
import { setClock } from './clock';
import { feed } from './feed';

/** How long the other services may take to hear what the engine decided. */
const settleMilliseconds = 2_500;

/** What an update of the market makes old. */
function staleBy(update: StreamMarketDataResponse): (readonly string[])[] {
  const stale: (readonly string[])[] = [];
  if (update.trade) stale.push(keys.trades);
  if (update.run) stale.push(keys.runs, keys.indicative, keys.slotPrices, keys.spotPrices, keys.indexes, keys.quote);
  if (update.market) stale.push(keys.markets);
  if (update.own) {
    stale.push(keys.account, keys.transfers, keys.withdrawals, keys.statement);
    if (update.own.bid_ids.length) stale.push(keys.bids);
    if (update.own.offer_ids.length) stale.push(keys.offers);
    if (update.own.lease_ids.length) stale.push(keys.leases, keys.myTrades);
  }
  return stale;
}

/** Keeps the page true to the market: the live connection, the clock, and asking again for what has changed. Shows nothing. */
export function Live() {
  const queries = useQueryClient();

  useEffect(() => {
    const waiting = new Map<string, readonly string[]>();
    let timer = 0;
    let again = 0;
    let last = 0;
    const renew = () => {
      timer = 0;
      last = performance.now();
      for (const key of waiting.values()) void queries.invalidateQueries({ queryKey: key });
      waiting.clear();
    };
    const stopHearing = feed.onUpdate((update) => {
      if (update.indicative_prices) queries.setQueryData(keys.indicative, update.indicative_prices);
      for (const key of staleBy(update)) waiting.set(key.join(' '), key);
      // At once for the first, and at most once a second while a simulated clock runs fast.
      // A sale is in the engine's feed before the lease is in the registry's and the money in the ledger: look once more.
      if (update.own?.lease_ids.length) {
        window.clearTimeout(again);
        again = window.setTimeout(() => {
          for (const key of [keys.leases, keys.account, keys.transfers]) void queries.invalidateQueries({ queryKey: key });
        }, settleMilliseconds);
      }
      if (waiting.size && !timer) timer = window.setTimeout(renew, Math.max(250, 1_000 - (performance.now() - last)));
    });
    const stopCatching = feed.onCatchUp(() => void queries.invalidateQueries());
    feed.start();
    return () => {
      stopHearing();
      stopCatching();
      window.clearTimeout(timer);
      window.clearTimeout(again);
    };
  }, [queries]);

  const clock = useQuery({
    queryKey: keys.clock,
    queryFn: () => answer(exchange.GET('/v1/clock')),
    refetchInterval: 15_000,
  });
  const reading = clock.data;
  useEffect(() => {
    if (reading?.clock_time) setClock(Date.parse(reading.clock_time), reading.speed, reading.simulated);
  }, [reading]);

  return null;
}
