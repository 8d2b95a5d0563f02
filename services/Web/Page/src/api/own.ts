import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, exchange } from './client';
import { keys } from './keys';
import type { PlaceBid } from './types';

type Page<T> = { items: T[]; next: string };

/** A list read page by page, newest first: its rows so far, and the way to more. Asked again sooner while something in it moves. */
export function usePaged<T>(key: readonly unknown[], page: (token: string) => Promise<Page<T>>, moves: (row: T) => boolean = () => false) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => page(pageParam),
    initialPageParam: '',
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.pages.some((one) => one.items.some(moves)) ? 2_000 : 30_000),
  });
  return {
    ...query,
    rows: query.data?.pages.flatMap((one) => one.items),
    more: { has: query.hasNextPage, load: () => void query.fetchNextPage(), loading: query.isFetchingNextPage },
  };
}

export const useBids = () =>
  usePaged(keys.bids, async (token) => {
    const page = await answer(exchange.GET('/v1/bids', { params: { query: { page_size: 200, page_token: token } } }));
    return { items: page.bids, next: page.next_page_token };
  });

/** What a bid would reserve and how it would be understood; nothing is placed. */
export const useBidPreview = (bid: PlaceBid) =>
  useQuery({
    queryKey: [...keys.quote, 'preview', bid],
    queryFn: () => answer(exchange.POST('/v1/bid-previews', { body: { bid } })),
    retry: false,
    gcTime: 0,
  });

export const useOffers = () =>
  usePaged(keys.offers, async (token) => {
    const page = await answer(exchange.GET('/v1/offers', { params: { query: { page_size: 200, page_token: token } } }));
    return { items: page.offers, next: page.next_page_token };
  });

export const useLeases = () =>
  usePaged(keys.leases, async (token) => {
    const page = await answer(exchange.GET('/v1/leases', { params: { query: { page_size: 500, page_token: token } } }));
    return { items: page.leases, next: page.next_page_token };
  });

/** What the caller bought, with its cost. */
export const useMyTrades = () =>
  usePaged(keys.myTrades, async (token) => {
    const page = await answer(exchange.GET('/v1/trades', { params: { query: { mine: true, page_size: 500, page_token: token } } }));
    return { items: page.trades, next: page.next_page_token };
  });

export const useTransfers = () =>
  usePaged(keys.transfers, async (token) => {
    const page = await answer(exchange.GET('/v1/transfers', { params: { query: { page_size: 1_000, page_token: token } } }));
    return { items: page.transfers, next: page.next_page_token };
  });

export const usePayouts = () =>
  usePaged(keys.payouts, async (token) => {
    const page = await answer(exchange.GET('/v1/payouts', { params: { query: { page_size: 500, page_token: token } } }));
    return { items: page.payouts, next: page.next_page_token };
  });

export const useNodes = () =>
  useQuery({
    queryKey: keys.nodes,
    queryFn: () => answer(exchange.GET('/v1/nodes', { params: { query: { page_size: 1_000 } } })),
  });

export const useAccount = () =>
  useQuery({ queryKey: keys.account, queryFn: () => answer(exchange.GET('/v1/account')), refetchInterval: 20_000 });

/** A deed of the caller's, and the answers that it makes old. */
export function useDeed<Wanted, Done>(deed: (wanted: Wanted) => Promise<Done>, stale: readonly (readonly string[])[]) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: deed,
    onSettled: () => {
      for (const key of stale) void queries.invalidateQueries({ queryKey: key });
    },
  });
}
