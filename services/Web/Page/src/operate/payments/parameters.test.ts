import { describe, expect, it } from 'vitest';
import { inWords } from './parameters';

const names = new Map([['7', 'buyer-02']]);

describe('the parameters of a proposal', () => {
  it.each([
    ['{"single_micros":5000000,"cooling_minutes":60}', 'single $5.00, cooling minutes 60'],
    ['{"singleMicros":"5","amount_micros":"7500001"}', 'singleMicros 5, amount $7.500001'],
    ['{"deposit_id":"d","participant_id":"7"}', 'deposit d, participant buyer-02'],
    ['{"tiers":[{"from_volume_micros":0,"buyer_ppm":1500},{"from_volume_micros":1000000,"buyer_ppm":900}]}', 'tiers (from volume $0.00, buyer ppm 1500) (from volume $1.00, buyer ppm 900)'],
    ['not json', 'not json'],
  ])('%s are said with their names and in dollars', (parameters, words) => {
    expect(inWords(parameters, names)).toBe(words);
  });
});
