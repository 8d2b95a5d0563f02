import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, exchange } from './client';
import { keys } from './keys';

/** What is looked for. */
export type Question = { filter: string; from: string | undefined; hours: number; order: string };

/** Free capacity that fits a question, page by page; nothing is asked without one. */
export function useSearch(question: Question | null) {
  const query = useInfiniteQuery({
    queryKey: [...keys.search, question],
    queryFn: ({ pageParam }) =>
      answer(
        exchange.GET('/v1/search', {
          params: { query: { filter: question?.filter, from_time: question?.from, hour_count: question?.hours, order_by: question?.order, page_size: 50, page_token: pageParam } },
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
    enabled: question !== null,
    retry: false,
    refetchInterval: 30_000,
  });
  return {
    ...query,
    understood: query.data?.pages[0]?.understood ?? '',
    rows: query.data?.pages.flatMap((page) => page.capacities),
    more: { has: query.hasNextPage, load: () => void query.fetchNextPage(), loading: query.isFetchingNextPage },
  };
}

/** The fields of the filter language. */
export const useSearchFields = () =>
  useQuery({ queryKey: keys.searchFields, queryFn: async () => (await answer(exchange.GET('/v1/search/fields'))).fields, staleTime: Infinity });
