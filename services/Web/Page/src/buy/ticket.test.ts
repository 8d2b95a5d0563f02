import { describe, expect, it } from 'vitest';
import type { Settings } from '../api/types';
import { draftOf, readDraft, type Draft } from './ticket';

const settings = {
  slot_minutes: 60, horizon_slot_count: 72, gate_minutes: 10, prompt_minutes_min: 5, bid_gpu_count_max: 4_096,
  highest_price_micros_per_gpu_hour: 50_000_000, tick_micros: 1_000,
} as Settings;
const now = Date.UTC(2026, 0, 31, 8, 15);
const draft: Draft = {
  markets: ['H100.us'], gpus: '16', from: '+2h', to: '+8h', kind: 'divisible', limit: '2.40', run: '', minFill: '100', node: '0', where: '',
};
const read = (part: Partial<Draft>) => readDraft({ ...draft, ...part }, now, 'utc', settings);

describe('a draft of a bid', () => {
  it('is a block of its whole window unless it says how many slots in a row', () => {
    expect(read({ kind: 'block' }).wanted).toMatchObject({ kind: 'block', run: 6, minFill: 1_000, node: 0 });
    expect(read({ kind: 'block', run: '4', minFill: '50', node: '8' }).wanted).toMatchObject({ run: 4, minFill: 500, node: 8 });
  });

  it('says what is wrong with a block, field by field', () => {
    expect(read({ kind: 'block', run: '7', minFill: '20', gpus: '12', node: '8' }).complaints).toEqual({
      run: 'Its window has only 6 slots.', minFill: '25 to 100 percent.', node: '12 GPUs do not come in groups of 8.',
    });
    expect(read({ run: '7', minFill: '20', node: '7' }).complaints).toEqual({});
  });

  it('stands without an end, and only a standing one does', () => {
    expect(read({ kind: 'standing', to: '' }).wanted).toMatchObject({ kind: 'standing', to: null, run: 0 });
    expect(read({ to: '' }).complaints.to).toBe('When does it end?');
  });

  it('names one to eight markets', () => {
    expect(read({ markets: [] }).complaints.markets).toBe('Choose a market.');
    expect(read({ markets: Array.from({ length: 9 }, (_, at) => `m${at}`) }).complaints.markets).toBe('At most 8 markets.');
  });
});

describe('a bid on what was found', () => {
  const capacity = { market: 'H100.us', gpu_count: 4, free_from_time: '2026-01-31T06:00:00Z', likely_price_micros_per_gpu_hour: 2_140_000, reserve_micros_per_gpu_hour: 1_850_000 };

  it('takes its market, GPUs, hours and likely price, and begins with a slot that can still be bought', () => {
    const found = draftOf({ capacity, from: null, hours: 3, where: '' }, now, 'utc', settings);
    expect(found).toMatchObject({ markets: ['H100.us'], gpus: '4', kind: 'divisible', limit: '2.140', from: '2026-01-31 08:00', to: '2026-01-31 11:00' });
  });

  it('begins when it was looked for, and asks of nodes what the filter asked', () => {
    const found = draftOf({ capacity, from: Date.UTC(2026, 0, 31, 20), hours: 2, where: 'verified and zone = EU' }, now, 'utc', settings);
    expect(found).toMatchObject({ kind: 'block', where: 'verified and zone = EU', from: '2026-01-31 20:00', to: '2026-01-31 22:00' });
    expect(readDraft(found, now, 'utc', settings).wanted).toMatchObject({ where: 'verified and zone = EU', run: 2 });
    expect(readDraft({ ...found, kind: 'divisible' }, now, 'utc', settings).wanted).toMatchObject({ where: '' });
  });

  it('leaves the limit empty where no price is known', () => {
    const found = draftOf({ capacity: { ...capacity, likely_price_micros_per_gpu_hour: undefined, reserve_micros_per_gpu_hour: undefined }, from: null, hours: 1, where: '' }, now, 'utc', settings);
    expect(found.limit).toBe('');
  });
});
