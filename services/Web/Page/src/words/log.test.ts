import { describe, expect, it } from 'vitest';
import { noLog, withMore } from './log';

describe('a log', () => {
  it('is read part by part', () => {
    const log = withMore(withMore(noLog, 'one\n', false), 'two\n', true);
    expect(log).toEqual({ text: 'one\ntwo\n', cut: false, complete: true, trouble: '', read: true });
  });

  it('that grows too long loses its beginning by whole lines, and says so', () => {
    const log = withMore(withMore(noLog, 'first line\nsecond line\n', false, 25), 'third\n', false, 25);
    expect(log.text).toBe('second line\nthird\n');
    expect(log.cut).toBe(true);
  });
});
