import createClient from 'openapi-fetch';
import type { paths } from './exchange.gen';
import { asProblem, problemOf } from './problem';

/** The exchange's REST doors, on the origin that served this page. */
export const exchange = createClient<paths>({ baseUrl: '', credentials: 'same-origin' });

/** The data of an answer; throws a ProblemError for everything else. */
export async function answer<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  let outcome;
  try {
    outcome = await call;
  } catch (failure) {
    throw asProblem(failure);
  }
  if (outcome.data === undefined) throw problemOf(outcome.response.status, outcome.error);
  return outcome.data;
}

/** Reads every page of a list, up to a number of pages. */
export async function allPages<T>(
  page: (token: string) => Promise<{ items: T[]; next: string }>,
  mostPages = 20,
): Promise<T[]> {
  const all: T[] = [];
  let token = '';
  for (let count = 0; count < mostPages; count++) {
    const { items, next } = await page(token);
    all.push(...items);
    if (!next) break;
    token = next;
  }
  return all;
}
