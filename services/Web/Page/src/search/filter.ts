/** What is wrong with a filter, at the word that is wrong. */
export type Pointed = { before: string; wrong: string; after: string; message: string };

/** Finds the word of a filter that a refusal points at, "at 8, 'gpu': …" or "at the end: …"; null where it points at none. */
export function pointAt(filter: string, complaint: string): Pointed | null {
  const end = /at the end: (.+)$/s.exec(complaint);
  if (end) return { before: filter, wrong: '', after: '', message: upper(end[1] ?? '') };
  const said = /at (\d+), '(.*?)': (.+)$/s.exec(complaint);
  if (!said) return null;
  const from = Number(said[1]) - 1;
  const wrong = said[2] ?? '';
  if (filter.slice(from, from + wrong.length) !== wrong) return null;
  return { before: filter.slice(0, from), wrong, after: filter.slice(from + wrong.length), message: upper(said[3] ?? '') };
}

/** A filter with one more condition. */
export const withCondition = (filter: string, condition: string): string => (filter.trim() ? `${filter.trim()} and ${condition}` : condition);

/** Of a filter in its normal form the conditions that a bid can ask for too. */
export const bidConditions = (understood: string, fields: readonly { name: string; in_bids: boolean }[]): string =>
  understood
    .split(' and ')
    .filter((condition) => fields.some((field) => field.in_bids && new RegExp(`^${field.name}( |$)`).test(condition)))
    .join(' and ');

const upper = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);
