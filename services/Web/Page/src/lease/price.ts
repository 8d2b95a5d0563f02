import type { Settings } from '../api/types';
import { formatPrice, parseDollars } from '../words/money';

/** A price as it is typed: whole ticks up to the highest, or what is wrong with it. */
export function readPrice(text: string, settings: Pick<Settings, 'tick_micros' | 'highest_price_micros_per_gpu_hour'>): { micros: number; complaint: string } {
  const micros = parseDollars(text);
  if (micros === null || micros <= 0) return { micros: 0, complaint: 'Write dollars, for example 2.40.' };
  if (micros > settings.highest_price_micros_per_gpu_hour) return { micros, complaint: `At most ${formatPrice(settings.highest_price_micros_per_gpu_hour, settings.tick_micros)}.` };
  if (micros % settings.tick_micros) return { micros, complaint: `In steps of ${formatPrice(settings.tick_micros, settings.tick_micros)}.` };
  return { micros, complaint: '' };
}
