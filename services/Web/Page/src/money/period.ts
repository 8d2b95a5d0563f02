import { day, isoDay, partsOf } from '../words/time';

/** A period of UTC days: the first, and the last, both inside. */
export type Period = { from: string; to: string };

const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && isoDay(Date.parse(`${text}T00:00:00Z`), 'utc') === text;

const monthOf = (year: number, month: number): Period => ({ from: isoDay(Date.UTC(year, month, 1), 'utc'), to: isoDay(Date.UTC(year, month + 1, 0), 'utc') });

/** The periods that are asked for most, as of a moment. */
export function usualPeriods(now: number): { name: string; period: Period }[] {
  const { year, month } = partsOf(now, 'utc');
  const today = isoDay(now, 'utc');
  return [
    { name: 'This month', period: { from: monthOf(year, month).from, to: today } },
    { name: 'Last month', period: monthOf(year, month - 1) },
    { name: '7 days', period: { from: isoDay(now - 6 * day, 'utc'), to: today } },
  ];
}

/** What is wrong with a period; empty: nothing. */
export function periodFault({ from, to }: Period, now: number): string {
  if (!isDay(from) || !isDay(to)) return 'Give two days, for example 2026-03-01.';
  if (to < from) return 'The last day is before the first.';
  if (to > isoDay(now, 'utc')) return 'The last day is in the future.';
  return '';
}

/** The day after the last one: the end of a period on the wire, which is outside. */
export const dayAfter = (text: string): string => isoDay(Date.parse(`${text}T00:00:00Z`) + day, 'utc');

/** Whether the last day is not over yet. */
export const isOpen = ({ to }: Period, now: number): boolean => to >= isoDay(now, 'utc');
