import { useSyncExternalStore } from 'react';
import type { Zone } from '../words/time';

const name = 'console-zone';
const listeners = new Set<() => void>();

function read(): Zone {
  try {
    return localStorage.getItem(name) === 'local' ? 'local' : 'utc';
  } catch {
    return 'utc';
  }
}

let zone = read();

/** Shows times in this zone from now on, on this machine. */
export function setZone(next: Zone): void {
  zone = next;
  try {
    localStorage.setItem(name, next);
  } catch {
    // A browser that keeps nothing still shows it until the page is closed.
  }
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The zone in which tables and fields show times. */
export const useZone = (): Zone => useSyncExternalStore(subscribe, () => zone);
