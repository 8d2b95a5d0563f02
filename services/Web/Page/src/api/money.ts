import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answer, exchange } from './client';
import { keys } from './keys';
import { usePaged } from './own';

/** A statement of a period; without an end it runs to now. */
export const useStatement = (from: string, to: string | undefined) =>
  useQuery({
    queryKey: [...keys.statement, from, to],
    queryFn: () => answer(exchange.GET('/v1/statement', { params: { query: { from_time: from, to_time: to } } })),
    placeholderData: keepPreviousData,
    refetchInterval: to ? false : 30_000,
  });

export const useDocuments = () =>
  usePaged(keys.documents, async (token) => {
    const page = await answer(exchange.GET('/v1/documents', { params: { query: { page_size: 100, page_token: token } } }));
    return { items: page.documents, next: page.next_page_token };
  });

export const useWithdrawals = (awaiting = false) =>
  usePaged([...keys.withdrawals, awaiting], async (token) => {
    const page = await answer(exchange.GET('/v1/withdrawals', { params: { query: { awaiting_approval: awaiting, page_size: 100, page_token: token } } }));
    return { items: page.withdrawals, next: page.next_page_token };
  }, (one) => one.state === 'pending' || one.state === 'ready');

export const useDeposits = (unmatched = false) =>
  usePaged([...keys.deposits, unmatched], async (token) => {
    const page = await answer(exchange.GET('/v1/deposits', { params: { query: { unmatched, page_size: 100, page_token: token } } }));
    return { items: page.deposits, next: page.next_page_token };
  });

export const useDestinations = () =>
  useQuery({
    queryKey: keys.destinations,
    queryFn: () => answer(exchange.GET('/v1/payment-destinations', { params: { query: { page_size: 1_000 } } })),
  });

/** How to pay in, and the limits of money going out. */
export const useInstructions = () => useQuery({ queryKey: keys.instructions, queryFn: () => answer(exchange.GET('/v1/payment-instructions')) });

export const useProfile = () => useQuery({ queryKey: keys.profile, queryFn: () => answer(exchange.GET('/v1/profile')) });

export const useFees = () => useQuery({ queryKey: keys.fees, queryFn: () => answer(exchange.GET('/v1/fees')) });

/** Whether money may leave the exchange; asked again every five seconds. */
export const usePaymentStatus = () =>
  useQuery({ queryKey: keys.payments, queryFn: () => answer(exchange.GET('/v1/payment-status')), refetchInterval: 5_000 });

export const useProposals = () =>
  usePaged(keys.proposals, async (token) => {
    const page = await answer(exchange.GET('/v1/proposals', { params: { query: { page_size: 50, page_token: token } } }));
    return { items: page.proposals, next: page.next_page_token };
  });
