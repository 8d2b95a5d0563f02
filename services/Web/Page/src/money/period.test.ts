import { describe, expect, it } from 'vitest';
import { dayAfter, isOpen, periodFault, usualPeriods } from './period';

const now = Date.parse('2026-03-15T10:00:00Z');

describe('periods', () => {
  it('are whole UTC months, and the one in progress ends today', () => {
    expect(usualPeriods(now).map(({ period }) => `${period.from} ${period.to}`)).toEqual(['2026-03-01 2026-03-15', '2026-02-01 2026-02-28', '2026-03-09 2026-03-15']);
    expect(usualPeriods(Date.parse('2026-01-02T00:00:00Z'))[1]?.period).toEqual({ from: '2025-12-01', to: '2025-12-31' });
  });

  it.each([
    ['2026-03-01', '2026-03-15', ''],
    ['2026-03-02', '2026-03-01', 'before'],
    ['2026-03-01', '2026-03-16', 'future'],
    ['2026-02-30', '2026-03-01', 'two days'],
    ['', '2026-03-01', 'two days'],
  ])('from %s to %s: %s', (from, to, words) => {
    expect(periodFault({ from, to }, now)).toContain(words);
    if (!words) expect(periodFault({ from, to }, now)).toBe('');
  });

  it('end on the wire with the day after the last one', () => {
    expect(dayAfter('2026-02-28')).toBe('2026-03-01');
    expect(isOpen({ from: '2026-03-01', to: '2026-03-15' }, now)).toBe(true);
    expect(isOpen({ from: '2026-03-01', to: '2026-03-14' }, now)).toBe(false);
  });
});
