import { describe, expect, it } from 'vitest';
import { problemOf, sortComplaints } from './problem';

describe('a problem', () => {
  it('puts each complaint to the field it names, and keeps the rest', () => {
    const problem = problemOf(400, { detail: 'Bad input.', code: 'INVALID_ARGUMENT', errors: [{ field: 'gpu_count', description: 'is 0.' }, { field: 'other', description: 'is odd.' }] });
    expect(sortComplaints(problem, ['gpu_count'])).toEqual({ fields: { gpu_count: 'is 0.' }, rest: 'other: is odd.' });
  });

  it("finds the field in a market rule's sentence", () => {
    const problem = problemOf(400, { detail: 'limit_micros_per_gpu_hour: this bid needs $8.04 with the fee, but $1.03 is free.', code: 'FAILED_PRECONDITION', errors: [] });
    expect(sortComplaints(problem, ['limit_micros_per_gpu_hour'])).toEqual({
      fields: { limit_micros_per_gpu_hour: 'This bid needs $8.04 with the fee, but $1.03 is free.' }, rest: '',
    });
  });

  it('has words for an answer without any', () => {
    expect(sortComplaints(problemOf(502, '<html>'), []).rest).toBe('The exchange answered 502 without saying why.');
    expect(sortComplaints(new TypeError('fetch failed'), []).rest).toContain('did not answer');
  });
});
