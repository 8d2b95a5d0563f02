import { describe, expect, it } from 'vitest';
import { bondOfOffer, costOf, decimalsOfTick, editableDollars, exactMoney, formatGpuHours, formatMoney, formatPpm, formatPrice, parseDollars } from './money';

describe('money', () => {
  it('is shown to the cent, and exactly on demand', () => {
    expect(formatMoney(1_204_500_000)).toBe('$1,204.50');
    expect(formatMoney(-1_999_999)).toBe('−$2.00');
    expect(exactMoney(1_204_567_891)).toBe('$1,204.567891');
  });

  it('never reads as nothing when it is something', () => {
    expect(formatMoney(1)).toBe('<$0.01');
    expect(formatMoney(-4_999)).toBe('−<$0.01');
    expect(formatMoney(0)).toBe('$0.00');
  });

  it('is exact beyond what floating point holds to the micro-dollar', () => {
    expect(exactMoney(9_007_199_254_740_991)).toBe('$9,007,199,254.740991');
  });

  it('is read exactly as it is typed, or not at all', () => {
    expect(parseDollars('2.4')).toBe(2_400_000);
    expect(parseDollars('$1,000.000001')).toBe(1_000_000_001);
    expect(parseDollars('2.0000001')).toBeNull();
    expect(parseDollars('1e3')).toBeNull();
    expect(parseDollars('-1')).toBeNull();
    expect(parseDollars('')).toBeNull();
  });

  it('comes back from a field as it went in', () => {
    for (const micros of [0, 1_000, 2_415_000, 1_234_567_000]) expect(parseDollars(editableDollars(micros, 3))).toBe(micros);
  });
});

describe('a price', () => {
  it('shows the tick', () => {
    expect(decimalsOfTick(1_000)).toBe(3);
    expect(decimalsOfTick(10_000)).toBe(2);
    expect(decimalsOfTick(500)).toBe(4);
    expect(decimalsOfTick(1_000_000)).toBe(2);
    expect(formatPrice(2_415_000, 1_000)).toBe('$2.415');
  });
});

describe('a cost', () => {
  it('rounds parts of an hour down, as the exchange does', () => {
    expect(costOf(1_000_001, 90)).toBe(1_500_001);
  });
});

describe('an offer', () => {
  it('is bonded by a share of its reserve, not below the least bond', () => {
    const terms = { slot_minutes: 60, bond_ppm: 200_000, least_bond_micros_per_gpu_hour: 50_000 };
    expect(bondOfOffer(2_000_000, 8, 24, terms)).toBe(400_000 * 8 * 24);
    expect(bondOfOffer(100_000, 1, 2, terms)).toBe(100_000);
  });
});

describe('shares and hours', () => {
  it('are short', () => {
    expect(formatPpm(1_500)).toBe('0.15%');
    expect(formatPpm(200_000)).toBe('20%');
    expect(formatGpuHours(90)).toBe('1.5');
    expect(formatGpuHours(120_000)).toBe('2,000');
  });
});
