import { describe, expect, it } from 'vitest';
import { daysInWords, draftOfPolicy, hoursInWords, policyInWords, readPolicy, type PolicyDraft } from './policy';

const terms = { tick_micros: 1_000, highest_price_micros_per_gpu_hour: 100_000_000, gpus: 8 };
const draft = (part: Partial<PolicyDraft>): PolicyDraft => ({ ...draftOfPolicy(undefined, 1_000), enabled: true, firm: '1.85', ...part });
const hours = (...chosen: number[]) => Array.from({ length: 24 }, (_, hour) => chosen.includes(hour));
const days = (...chosen: number[]) => Array.from({ length: 7 }, (_, day) => chosen.includes(day));

describe('an idle policy', () => {
  it('says with nothing but a floor what the exchange takes for granted', () => {
    const { policy, complaints } = readPolicy(draft({}), terms);
    expect(complaints).toEqual({});
    expect(policy).toMatchObject({
      enabled: true, firm_floor_micros_per_gpu_hour: 1_850_000, interruptible_floor_micros_per_gpu_hour: 1_850_000, hours_mask: 0, days_mask: 0, run_slot_count_min: 1,
      idle_minutes: 15, horizon_slot_count: 24, keep_gpu_count: 0, reclaim_notice_seconds: 3_600, keep_free: [],
    });
  });

  it('is written and read again as it was', () => {
    const { policy } = readPolicy(draft({ interruptible: '0.90', hours: hours(0, 1, 22, 23), days: days(5, 6), keepGpus: '2', repricing: true, cap: '3.20', noticeMinutes: '5', keepFree: [{ from: 0, to: 3_600_000 }] }), terms);
    expect(policy).toMatchObject({ hours_mask: 0b1100_0000_0000_0000_0000_0011, days_mask: 0b110_0000, reclaim_notice_seconds: 300 });
    expect(readPolicy(draftOfPolicy(policy ?? undefined, 1_000), terms).policy).toEqual(policy);
  });

  it.each([
    [{ firm: '' }, 'firm'], [{ firm: '1.8505' }, 'firm'], [{ interruptible: '2.00' }, 'interruptible'], [{ hours: hours() }, 'hours'], [{ keepGpus: '9' }, 'keepGpus'],
    [{ noticeMinutes: '1' }, 'noticeMinutes'], [{ repricing: true, cap: '' }, 'cap'], [{ repricing: true, cap: '1.00' }, 'cap'], [{ lowerBelow: '90' }, 'lowerBelow'],
    [{ run: '30' }, 'run'], [{ keepFree: [{ from: 5, to: 5 }] }, 'keepFree'],
  ] as const)('that is wrong (%o) is told at the field', (part, field) => {
    const { policy, complaints } = readPolicy(draft(part as Partial<PolicyDraft>), terms);
    expect(policy).toBeNull();
    expect(Object.keys(complaints)).toEqual([field]);
  });

  it('turned off needs no floor', () => {
    expect(readPolicy(draft({ enabled: false, firm: '' }), terms).policy).toMatchObject({ enabled: false, firm_floor_micros_per_gpu_hour: 0 });
  });
});

describe('a policy in words', () => {
  it.each([
    [hours(22, 23, 0, 1), 'from 22:00 to 02:00 UTC'], [hours(9, 10, 20), 'from 09:00 to 11:00 and from 20:00 to 21:00 UTC'], [hours(...Array(24).keys()), 'at any hour'],
  ])('tells hours as they are spoken', (chosen, words) => expect(hoursInWords(chosen)).toBe(words));

  it.each([
    [days(0, 1, 2, 3, 4), 'on Monday to Friday'], [days(5, 6), 'on Saturday and Sunday'], [days(0, 2), 'on Monday, Wednesday'],
  ])('tells days as they are spoken', (chosen, words) => expect(daysInWords(chosen)).toBe(words));

  it('says what is sold, for how much, and how the price moves', () => {
    const { policy } = readPolicy(draft({ keepGpus: '2', interruptible: '0.9', repricing: true, cap: '3', run: '4' }), terms);
    const words = policyInWords(policy ?? ({} as never), 8, 1_000, 'utc').join('\n');
    expect(words).toContain('6 of the 8 GPUs are offered while they are idle, at any hour, on any day, up to 24 hours ahead.');
    expect(words).toContain('for $0.900 or more in the last run');
    expect(words).toContain('blocks of at least 4 hours');
    expect(words).toContain('between $1.850 and $3.000: it rises by 5% while more than 85%');
  });

  it('turned off says that nothing is sold by itself', () => {
    const { policy } = readPolicy(draft({ enabled: false }), terms);
    expect(policyInWords(policy ?? ({} as never), 8, 1_000, 'utc')).toHaveLength(1);
  });
});
