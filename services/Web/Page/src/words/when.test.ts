import { describe, expect, it } from 'vitest';
import { typedTime } from './time';
import { parseWhen } from './when';

const now = Date.parse('2026-03-01T13:20:00Z');
const read = (text: string) => {
  const instant = parseWhen(text, now, 'utc', 60);
  return instant === null ? null : typedTime(instant, 'utc');
};

describe('a typed time', () => {
  it('is read in full', () => {
    expect(read('2026-03-02 09:00')).toBe('2026-03-02 09:00');
    expect(read(' 2026-3-2T9:00Z ')).toBe('2026-03-02 09:00');
    expect(read('2026-03-02')).toBe('2026-03-02 00:00');
  });

  it('is read as people say it', () => {
    expect(read('now')).toBe('2026-03-01 13:00');
    expect(read('+3h')).toBe('2026-03-01 16:00');
    expect(read('+2d')).toBe('2026-03-03 13:00');
    expect(read('15:00')).toBe('2026-03-01 15:00');
    expect(read('09:00')).toBe('2026-03-02 09:00');
    expect(read('tomorrow 09:00')).toBe('2026-03-02 09:00');
    expect(read('24:00')).toBe('2026-03-02 00:00');
  });

  it('is refused when it is none', () => {
    for (const text of ['', 'soon', '25:00', '2026-02-30 10:00', '12:60', '3h', '2026-13-01 00:00']) expect(read(text)).toBeNull();
  });
});
