import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { allPages, answer, exchange } from './client';
import { keys } from './keys';
import { bytesOf, sha256 } from '../words/bytes';
import type { Problem, Solution } from './types';

/** All markets with their state, and the settings in force. */
export const useMarkets = () =>
  useQuery({ queryKey: keys.markets, queryFn: () => answer(exchange.GET('/v1/markets')), staleTime: 30_000 });

/** One row a market and slot. Without a market: all of them. Times are wire strings; empty means unbounded. */
export const useSlotPrices = (market: string, from: string, to: string, enabled = true) =>
  useQuery({
    queryKey: [...keys.slotPrices, market, from, to],
    queryFn: () =>
      allPages(async (token) => {
        const page = await answer(
          exchange.GET('/v1/slot-prices', {
            params: { query: { market, from_time: from || undefined, to_time: to || undefined, page_size: 5_000, page_token: token } },
          }),
        );
        return { items: page.prices, next: page.next_page_token };
      }),
    placeholderData: keepPreviousData,
    enabled,
  });

/** The price of each slot of a market in each run. */
export const useSpotPrices = (market: string, from: string, to: string, enabled = true) =>
  useQuery({
    queryKey: [...keys.spotPrices, market, from, to],
    queryFn: () =>
      allPages(async (token) => {
        const page = await answer(
          exchange.GET('/v1/spot-prices', {
            params: { query: { market, from_time: from || undefined, to_time: to || undefined, page_size: 5_000, page_token: token } },
          }),
        );
        return { items: page.prices, next: page.next_page_token };
      }),
    placeholderData: keepPreviousData,
    enabled,
  });

export const useIndexes = (index = '') =>
  useQuery({
    queryKey: [...keys.indexes, index],
    queryFn: () => answer(exchange.GET('/v1/indexes', { params: { query: { index, page_size: 200 } } })),
    placeholderData: keepPreviousData,
  });

/** The last runs, newest first. */
export const useRuns = (count = 20) =>
  useQuery({
    queryKey: [...keys.runs, count],
    queryFn: () => answer(exchange.GET('/v1/runs', { params: { query: { page_size: count } } })),
    placeholderData: keepPreviousData,
  });

/** The public record of a run. A cleared run never changes. */
export const useRun = (runId: number | null, cleared: boolean) =>
  useQuery({
    queryKey: [...keys.run, runId],
    queryFn: async () => {
      const record = await answer(exchange.GET('/v1/runs/{run_id}', { params: { path: { run_id: runId ?? 0 } } }));
      return { run: record.run, problem: (record.problem ?? null) as Problem | null, solution: (record.solution ?? null) as Solution | null };
    },
    enabled: runId !== null,
    staleTime: cleared ? Number.POSITIVE_INFINITY : 0,
    gcTime: 60_000,
    placeholderData: keepPreviousData,
  });

/** The record of a cleared run in its own bytes, and whether they have the hash that was published; null where this browser cannot say. */
export const useRunRecord = (runId: number, wanted: boolean) =>
  useQuery({
    queryKey: [...keys.record, runId],
    queryFn: async () => {
      const record = await answer(exchange.GET('/v1/runs/{run_id}/record', { params: { path: { run_id: runId } } }));
      const [problem, solution] = [bytesOf(record.problem_file), bytesOf(record.solution_file)];
      const hash = await sha256([problem, solution]);
      return { run: record.run, problem, solution, asPublished: hash === null ? null : hash === record.run.record_sha256 };
    },
    enabled: wanted,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });

/** What the market would clear at now; the live connection brings newer ones, and what is a minute old is gone when asked for again. */
export const useIndicative = () =>
  useQuery({
    queryKey: keys.indicative,
    queryFn: () => answer(exchange.GET('/v1/indicative-prices')),
    refetchInterval: 15_000,
  });

/** What was sold last, newest first, without names. */
export const useTrades = (market: string, count = 50) =>
  useQuery({
    queryKey: [...keys.trades, market, count],
    queryFn: () => answer(exchange.GET('/v1/trades', { params: { query: { market, page_size: count } } })),
    placeholderData: keepPreviousData,
  });

/** What a window of capacity would likely cost now. */
export const useQuote = (wanted: { market: string; gpus: number; from: string; to: string } | null) =>
  useQuery({
    queryKey: [...keys.quote, wanted],
    queryFn: () =>
      answer(
        exchange.GET('/v1/markets/{market}/quote', {
          params: {
            path: { market: wanted?.market ?? '' },
            query: { gpu_count: wanted?.gpus ?? 0, from_time: wanted?.from ?? '', to_time: wanted?.to ?? '' },
          },
        }),
      ),
    enabled: wanted !== null,
    retry: false,
    refetchInterval: 15_000,
  });
