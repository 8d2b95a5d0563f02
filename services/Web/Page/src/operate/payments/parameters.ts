import { exactMoney, formatMoney } from '../../words/money';

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** To the cent where that is exact, else to the micro-dollar. */
const dollars = (micros: number): string => (micros % 10_000 === 0 ? formatMoney(micros) : exactMoney(micros));

const word = (name: string): string => name.replace(/_micros$|_id$/, '').replaceAll('_', ' ');

/** The parameters of a proposal for people: every one with its name, money in dollars, participants by name. What is not JSON stays as it is. */
export function inWords(parameters: string, names: ReadonlyMap<string, string>): string {
  let read: unknown;
  try {
    read = JSON.parse(parameters);
  } catch {
    return parameters;
  }
  return said(read, '', names);
}

function said(value: unknown, name: string, names: ReadonlyMap<string, string>): string {
  if (Array.isArray(value)) return value.map((one) => `(${said(one, name, names)})`).join(' ');
  if (isRecord(value)) return Object.entries(value).map(([key, part]) => `${word(key)} ${said(part, key, names)}`).join(', ');
  if (name.endsWith('_micros') && (typeof value === 'number' || /^-?\d+$/.test(String(value)))) return dollars(Number(value));
  return typeof value === 'string' ? (names.get(value) ?? value) : JSON.stringify(value);
}
