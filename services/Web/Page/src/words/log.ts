/** How much of a log is kept on the page; what came before it is let go. */
const mostLetters = 400_000;

/** A log as far as it was read. */
export type LogSoFar = { text: string; cut: boolean; complete: boolean; trouble: string; read: boolean };

/** Before anything was read. */
export const noLog: LogSoFar = { text: '', cut: false, complete: false, trouble: '', read: false };

/** Puts the next part behind a log, and lets its beginning go where it gets too long. */
export function withMore(log: LogSoFar, text: string, complete: boolean, most = mostLetters): LogSoFar {
  const all = log.text + text;
  if (all.length <= most) return { text: all, cut: log.cut, complete, trouble: '', read: true };
  const kept = all.slice(all.length - most);
  return { text: kept.slice(kept.indexOf('\n') + 1), cut: true, complete, trouble: '', read: true };
}
