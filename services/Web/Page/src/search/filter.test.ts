import { describe, expect, it } from 'vitest';
import { bidConditions, pointAt, withCondition } from './filter';

describe('a refused filter', () => {
  it('is shown with the word that is wrong', () => {
    expect(pointAt('gpus >= 8 and gpu = 4', "at 15, 'gpu': there is no such field.")).toEqual({ before: 'gpus >= 8 and ', wrong: 'gpu', after: ' = 4', message: 'There is no such field.' });
  });

  it('points behind its end where something is missing', () => {
    expect(pointAt('gpus >=', 'at the end: a value is missing.')).toEqual({ before: 'gpus >=', wrong: '', after: '', message: 'A value is missing.' });
  });

  it('is not pointed at where the words are of another filter, or of something else', () => {
    expect(pointAt('gpus >= 9', "at 3, 'abc': no.")).toBeNull();
    expect(pointAt('gpus >= 9', 'Too much at once.')).toBeNull();
  });
});

describe('a filter', () => {
  it('gives a bid the conditions that bids can ask for', () => {
    const fields = [{ name: 'gpus', in_bids: false }, { name: 'node_gpus', in_bids: false }, { name: 'node', in_bids: true }, { name: 'verified', in_bids: true }, { name: 'zone', in_bids: true }];
    expect(bidConditions('gpus >= 8 and verified and node_gpus = 8 and zone in (EU, US)', fields)).toBe('verified and zone in (EU, US)');
    expect(bidConditions('', fields)).toBe('');
  });

  it('grows by conditions', () => {
    expect(withCondition('', 'nvlink')).toBe('nvlink');
    expect(withCondition('gpus >= 8 ', 'nvlink')).toBe('gpus >= 8 and nvlink');
  });
});
