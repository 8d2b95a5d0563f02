import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { places } from './places';

const patience = 1_200;

/** `g` and then the letter of a page goes there; nothing happens while someone types. */
export function useShortcuts(): void {
  const [, go] = useLocation();
  useEffect(() => {
    let pressed = 0;
    const onKey = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (event.ctrlKey || event.metaKey || event.altKey || target?.closest('input, textarea, select, [contenteditable], [role=dialog]')) return;
      if (event.key === 'g') {
        pressed = event.timeStamp;
        return;
      }
      const place = places.find((candidate) => candidate.key === event.key);
      if (place && pressed && event.timeStamp - pressed < patience) go(place.path);
      pressed = 0;
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [go]);
}
