import { describe, expect, it } from 'vitest';
import { formatBytes, formatMegabits, formatRate, formatScore, formatSeconds, formatWatts } from './units';

describe('figures of machines', () => {
  it.each([
    [0, '0'], [512, '512 B'], [85_899_345_920, '80 GiB'], [85_520_809_984, '79.6 GiB'], [2_199_023_255_552, '2 TiB'], [1_649_267_441_664, '1.5 TiB'],
  ])('%i bytes are %s', (bytes, said) => expect(formatBytes(bytes)).toBe(said));

  it('speeds go by thousands, and an unknown one is a dash', () => {
    expect(formatRate(3_350_000_000_000)).toBe('3.4 TB/s');
    expect(formatRate(0)).toBe('–');
    expect(formatMegabits(25_000)).toBe('25 Gbit/s');
    expect(formatMegabits(900)).toBe('900 Mbit/s');
    expect(formatWatts(349_600)).toBe('350 W');
  });

  it.each([[45, '45 s'], [120, '2 min'], [90, '1 min 30 s'], [3_600, '1 h'], [5_400, '1 h 30 min']])('a notice of %i seconds is %s', (seconds, said) =>
    expect(formatSeconds(seconds)).toBe(said),
  );

  it.each([[1_000_000, '1.00'], [987_199, '0.9871'], [980_000, '0.98'], [0, '0.00']])('a score of %i is %s, never rounded up', (ppm, said) => expect(formatScore(ppm)).toBe(said));
});
