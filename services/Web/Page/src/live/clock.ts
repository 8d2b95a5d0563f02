import { useSyncExternalStore } from 'react';

/** What is known of the exchange's clock: what it showed, when that was heard, and how fast it goes. */
type Reading = { shown: number; heard: number; speed: number; simulated: boolean };

/** A simulated clock is not believed to run on by itself for longer than this without being heard. */
const trustMilliseconds = 6_000;

let reading: Reading | null = null;
const listeners = new Set<() => void>();

/** Takes what the exchange says of its clock. */
export function setClock(shown: number, speed: number, simulated: boolean): void {
  reading = { shown, heard: performance.now(), speed: simulated ? speed : 1, simulated };
  for (const listener of listeners) listener();
}

/** Takes the time of a live update: the speed stays what it was. */
export function correctClock(shown: number): void {
  if (Number.isNaN(shown)) return;
  // Updates of one moment bear its time; only a later one, or a drift that shows, moves the clock.
  const now = exchangeNow();
  if (reading && now !== null && !reading.simulated && shown <= now && now - shown < 2_000) return;
  reading = { shown, heard: performance.now(), speed: reading?.speed ?? 1, simulated: reading?.simulated ?? false };
}

/** The exchange's time now; null before it was heard. */
export function exchangeNow(): number | null {
  if (!reading) return null;
  const passed = performance.now() - reading.heard;
  return reading.shown + reading.speed * (reading.simulated ? Math.min(passed, trustMilliseconds) : passed);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** How the clock runs: real, simulated at a speed, or standing. */
export function useClockMode(): { simulated: boolean; speed: number; known: boolean } {
  const current = useSyncExternalStore(subscribe, () => (reading ? `${reading.simulated ? 1 : 0} ${reading.speed}` : ''));
  const [simulated, speed] = current.split(' ');
  return { known: current !== '', simulated: simulated === '1', speed: Number(speed ?? 1) };
}

const beats = new Map<number, { subscribe: (listener: () => void) => () => void; now: () => number | null }>();

/** One timer for all that show the time at the same step. */
function beat(step: number) {
  let known = beats.get(step);
  if (known) return known;
  const waiting = new Set<() => void>();
  let timer = 0;
  let value: number | null = null;
  const look = () => {
    const now = exchangeNow();
    value = now === null ? null : now - (now % step);
    return value;
  };
  known = {
    subscribe: (listener) => {
      waiting.add(listener);
      if (waiting.size === 1) {
        timer = window.setInterval(() => {
          const before = value;
          if (look() !== before) for (const tell of waiting) tell();
        }, Math.min(step, 250));
      }
      return () => {
        waiting.delete(listener);
        if (waiting.size === 0) window.clearInterval(timer);
      };
    },
    now: () => value ?? look(),
  };
  beats.set(step, known);
  return known;
}

/** The exchange's time, moving in steps of so many milliseconds; null before it was heard. */
export function useNow(step = 1_000): number | null {
  const source = beat(step);
  return useSyncExternalStore(source.subscribe, source.now);
}
