import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, exchange } from './client';
import { keys } from './keys';

/** How every service does, asked again every two seconds. */
export const useServices = () =>
  useQuery({
    queryKey: keys.services,
    queryFn: () => answer(exchange.GET('/v1/services')),
    refetchInterval: 2_000,
    retry: false,
    placeholderData: keepPreviousData,
  });

export const useEngine = () =>
  useQuery({ queryKey: [...keys.services, 'engine'], queryFn: () => answer(exchange.GET('/v1/engine')), refetchInterval: 5_000, retry: false });

export const useTrialBalance = () =>
  useQuery({ queryKey: keys.trialBalance, queryFn: () => answer(exchange.GET('/v1/trial-balance')), refetchInterval: 15_000 });

export const useParticipants = () =>
  useQuery({
    queryKey: keys.participants,
    queryFn: () => answer(exchange.GET('/v1/participants', { params: { query: { page_size: 1_000 } } })),
  });

export function useAudit() {
  const query = useInfiniteQuery({
    queryKey: keys.audit,
    queryFn: ({ pageParam }) => answer(exchange.GET('/v1/audit-rows', { params: { query: { page_size: 200, page_token: pageParam } } })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
    refetchInterval: 15_000,
  });
  return {
    ...query,
    rows: query.data?.pages.flatMap((page) => page.rows),
    more: { has: query.hasNextPage, load: () => void query.fetchNextPage(), loading: query.isFetchingNextPage },
  };
}
