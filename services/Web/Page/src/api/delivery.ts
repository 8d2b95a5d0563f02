import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { answer, exchange } from './client';
import { keys } from './keys';
import { usePaged } from './own';
import type { Delivery, DisputeState } from './types';

/** A node, whole; asked again every five seconds. */
export const useNode = (nodeId: string) =>
  useQuery({
    queryKey: [...keys.nodes, 'one', nodeId],
    queryFn: async () => (await answer(exchange.GET('/v1/nodes/{node_id}', { params: { path: { node_id: nodeId } } }))).node,
    refetchInterval: 5_000,
  });

/** What happened to a node, newest first. */
export const useNodeEvents = (nodeId: string) =>
  usePaged([...keys.nodes, 'events', nodeId], async (token) => {
    const page = await answer(exchange.GET('/v1/nodes/{node_id}/events', { params: { path: { node_id: nodeId }, query: { page_size: 50, page_token: token } } }));
    return { items: page.events, next: page.next_page_token };
  }, () => false);

/** What is delivered on a lease. */
export const useDelivery = (leaseId: number, wanted = true) =>
  useQuery({
    queryKey: [...keys.deliveries, leaseId],
    queryFn: async () => (await answer(exchange.GET('/v1/leases/{lease_id}/delivery', { params: { path: { lease_id: leaseId } } }))).delivery,
    enabled: wanted,
    refetchInterval: 10_000,
  });

/** Follows a delivery as it changes: what the exchange tells takes the place of what was asked. Whether it is heard. */
export function useDeliveryWatch(leaseId: number, wanted: boolean): boolean {
  const queries = useQueryClient();
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    if (!wanted) return;
    const source = new EventSource(`/v1/leases/${leaseId}/delivery/watch`);
    source.onopen = () => setHeard(true);
    source.onerror = () => setHeard(false);
    source.onmessage = (message: MessageEvent<string>) => {
      let update: { delivery?: Delivery };
      try {
        update = JSON.parse(message.data) as { delivery?: Delivery };
      } catch {
        return;
      }
      setHeard(true);
      if (!update.delivery) return;
      queries.setQueryData([...keys.deliveries, leaseId], update.delivery);
      void queries.invalidateQueries({ queryKey: keys.leases });
    };
    return () => {
      source.close();
      setHeard(false);
    };
  }, [leaseId, wanted, queries]);
  return heard;
}

/** Disputes of the caller's leases; operators see everyone's. */
export const useDisputes = (state: DisputeState = 'unspecified', wanted = true) =>
  useQuery({
    queryKey: [...keys.disputes, state],
    queryFn: async () => (await answer(exchange.GET('/v1/disputes', { params: { query: { state: state === 'unspecified' ? undefined : state, page_size: 1_000 } } }))).disputes,
    enabled: wanted,
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  });

export const useWebhooks = () =>
  useQuery({
    queryKey: keys.webhooks,
    queryFn: async () => (await answer(exchange.GET('/v1/webhooks'))).webhooks,
    refetchInterval: 10_000,
  });
