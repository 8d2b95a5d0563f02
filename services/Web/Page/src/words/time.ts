/** Instants are milliseconds since the epoch; on the wire they are RFC 3339 strings in UTC. */

export type Zone = 'utc' | 'local';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

const two = (value: number): string => value.toString().padStart(2, '0');

/** The fields of an instant in a zone. */
export function partsOf(instant: number, zone: Zone) {
  const date = new Date(instant);
  return zone === 'utc'
    ? {
        year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate(), weekday: date.getUTCDay(),
        hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds(),
      }
    : {
        year: date.getFullYear(), month: date.getMonth(), day: date.getDate(), weekday: date.getDay(),
        hour: date.getHours(), minute: date.getMinutes(), second: date.getSeconds(),
      };
}

/** For example UTC, UTC+1 or UTC−3:30: the zone as it is at that instant. */
export function zoneName(instant: number, zone: Zone): string {
  const offset = zone === 'utc' ? 0 : -new Date(instant).getTimezoneOffset();
  if (offset === 0) return 'UTC';
  const size = Math.abs(offset);
  return `UTC${offset < 0 ? '−' : '+'}${Math.floor(size / 60)}${size % 60 ? `:${two(size % 60)}` : ''}`;
}

/** 14:05 */
export function clockTime(instant: number, zone: Zone): string {
  const at = partsOf(instant, zone);
  return `${two(at.hour)}:${two(at.minute)}`;
}

/** 14:05:09 */
export const clockSeconds = (instant: number, zone: Zone): string => `${clockTime(instant, zone)}:${two(partsOf(instant, zone).second)}`;

/** 22 Nov */
export function shortDay(instant: number, zone: Zone): string {
  const at = partsOf(instant, zone);
  return `${at.day} ${months[at.month] ?? ''}`;
}

/** 22 Nov 14:05 */
export const shortTime = (instant: number, zone: Zone): string => `${shortDay(instant, zone)} ${clockTime(instant, zone)}`;

/** Sun 22 Nov 14:05 */
export function dayAndTime(instant: number, zone: Zone): string {
  return `${weekdays[partsOf(instant, zone).weekday] ?? ''} ${shortDay(instant, zone)} ${clockTime(instant, zone)}`;
}

/** 2026-11-22 14:05, as it is typed. */
export function typedTime(instant: number, zone: Zone): string {
  const at = partsOf(instant, zone);
  return `${at.year}-${two(at.month + 1)}-${two(at.day)} ${clockTime(instant, zone)}`;
}

/** 2026-11-22 */
export const isoDay = (instant: number, zone: Zone): string => typedTime(instant, zone).slice(0, 10);

/** Both zones in full, for a tooltip. */
export function inBothZones(instant: number): string {
  const at = (zone: Zone) => `${typedTime(instant, zone)}:${two(partsOf(instant, zone).second)} ${zoneName(instant, zone)}`;
  return zoneName(instant, 'local') === 'UTC' ? `${at('utc')} (your time is UTC)` : `${at('utc')} · ${at('local')} local`;
}

/** From a wire string; NaN when it is none. */
export const instantOf = (wire: string | undefined): number => (wire ? Date.parse(wire) : Number.NaN);

/** For the wire: RFC 3339, UTC, whole seconds. */
export const wireTime = (instant: number): string => new Date(instant).toISOString().replace('.000Z', 'Z');

/** 0:42, 12:05, 3 h 05 min, 2 d 4 h: what is left until something happens. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / second));
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${two(Math.floor((seconds % 3_600) / 60))} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3_600)} h`;
}

/** 45 min, 6 h, 1 h 30 min, 3 d: the length of a window. */
export function duration(milliseconds: number): string {
  const minutes = Math.round(milliseconds / minute);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return rest ? `${hours} h ${rest} min` : `${hours} h`;
}
