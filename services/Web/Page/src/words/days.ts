import { day, instantOf, isoDay } from './time';

/** Sums by UTC day, every day from the first to the last, at most so many of the newest. */
export function sumByDay<T>(
  rows: T[], timeOf: (row: T) => string | undefined, amounts: ((row: T) => number)[], most = 60,
): { days: string[]; sums: number[][] } {
  const byDay = new Map<string, number[]>();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const at = instantOf(timeOf(row));
    if (Number.isNaN(at)) continue;
    const start = at - (at % day);
    first = Math.min(first, start);
    last = Math.max(last, start);
    const name = isoDay(start, 'utc');
    const sums = byDay.get(name) ?? amounts.map(() => 0);
    amounts.forEach((amount, index) => {
      sums[index] = (sums[index] ?? 0) + amount(row);
    });
    byDay.set(name, sums);
  }
  const days: string[] = [];
  for (let at = Math.max(first, last - (most - 1) * day); at <= last; at += day) days.push(isoDay(at, 'utc'));
  return { days, sums: amounts.map((_, index) => days.map((name) => byDay.get(name)?.[index] ?? 0)) };
}
