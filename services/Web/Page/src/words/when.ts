import { day, hour, minute, partsOf, type Zone } from './time';

/**
 * Reads a time as people type it, in the zone they chose: "2026-11-22 15:00", "22 15:00" is not one; "15:00" is the next such
 * time, "tomorrow 09:00", "now" is the slot in progress, "+3h" counts from the slot in progress. Null when it is none of these.
 */
export function parseWhen(text: string, now: number, zone: Zone, slotMinutes: number): number | null {
  const typed = text.trim().toLowerCase().replace(/\s+/g, ' ');
  const slot = now - (now % (slotMinutes * minute));
  if (typed === 'now') return slot;

  const ahead = /^\+ ?(\d{1,4}) ?(h|d|m|min)$/.exec(typed);
  if (ahead) {
    const unit = ahead[2] === 'd' ? day : ahead[2] === 'h' ? hour : minute;
    return slot + Number(ahead[1]) * unit;
  }

  const today = partsOf(now, zone);
  const full = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ t](\d{1,2}):(\d{2}))?(?::00)?( ?z| ?utc)?$/.exec(typed);
  if (full) {
    return instant(Number(full[1]), Number(full[2]) - 1, Number(full[3]), Number(full[4] ?? 0), Number(full[5] ?? 0), full[6] ? 'utc' : zone);
  }
  const clock = /^(today |tomorrow )?(\d{1,2}):(\d{2})$/.exec(typed);
  if (!clock) return null;
  const at = (plusDays: number) => instant(today.year, today.month, today.day + plusDays, Number(clock[2]), Number(clock[3]), zone, true);
  if (clock[1]) return at(clock[1].startsWith('tomorrow') ? 1 : 0);
  const next = at(0);
  return next !== null && next < slot ? at(1) : next;
}

function instant(year: number, month: number, date: number, hours: number, minutes: number, zone: Zone, rolls = false): number | null {
  if (hours > 24 || minutes > 59 || (hours === 24 && minutes > 0)) return null;
  const value = zone === 'utc' ? Date.UTC(year, month, date, hours, minutes) : new Date(year, month, date, hours, minutes).getTime();
  if (rolls || hours === 24) return value;
  const back = partsOf(value, zone);
  return back.month === month && back.day === date ? value : null;
}
