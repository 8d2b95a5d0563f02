import type { NodePolicy } from '../api/types';
import { decimalsOfTick, editableDollars, formatPrice, parseDollars } from '../words/money';
import { shortTime, type Zone } from '../words/time';
import { formatSeconds } from '../words/units';

/** How a node is sold while it is idle, as it is being written. */
export type PolicyDraft = {
  enabled: boolean;
  firm: string;
  interruptible: string;
  /** Hours of the day, UTC, in which it is sold: 24 of them. */
  hours: boolean[];
  /** Days of the week from Monday: 7 of them. */
  days: boolean[];
  run: string;
  keepFree: { from: number; to: number }[];
  idleMinutes: string;
  horizon: string;
  keepGpus: string;
  noticeMinutes: string;
  repricing: boolean;
  cap: string;
  raiseAbove: string;
  lowerBelow: string;
  step: string;
};

export type PolicyComplaints = Partial<Record<keyof PolicyDraft, string>>;

/** What the rules of prices and nodes are for a policy. */
export type PolicyTerms = { tick_micros: number; highest_price_micros_per_gpu_hour: number; gpus: number };

const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
export const dayNames = days;

const bits = (mask: number, count: number): boolean[] => Array.from({ length: count }, (_, bit) => mask === 0 || ((mask >> bit) & 1) === 1);

/** All of them is 0, as the exchange writes it. */
const maskOf = (flags: boolean[]): number => (flags.every(Boolean) ? 0 : flags.reduce((mask, flag, bit) => (flag ? mask | (1 << bit) : mask), 0));

/** A policy to be changed; without one, what the exchange does when nothing is said. */
export function draftOfPolicy(policy: NodePolicy | undefined, tickMicros: number): PolicyDraft {
  const decimals = decimalsOfTick(tickMicros);
  const price = (micros: number | undefined) => (micros ? editableDollars(micros, decimals) : '');
  const number = (value: number | undefined, otherwise: number) => String(value && value > 0 ? value : otherwise);
  const repricer = policy?.repricer;
  return {
    enabled: policy?.enabled ?? false,
    firm: price(policy?.firm_floor_micros_per_gpu_hour),
    interruptible: price(policy?.interruptible_floor_micros_per_gpu_hour),
    hours: bits(policy?.hours_mask ?? 0, 24),
    days: bits(policy?.days_mask ?? 0, 7),
    run: number(policy?.run_slot_count_min, 1),
    keepFree: (policy?.keep_free ?? []).map((one) => ({ from: Date.parse(one.from_time), to: Date.parse(one.to_time) })),
    idleMinutes: String(policy?.idle_minutes ?? 15),
    horizon: number(policy?.horizon_slot_count, 24),
    keepGpus: String(policy?.keep_gpu_count ?? 0),
    noticeMinutes: number((policy?.reclaim_notice_seconds ?? 0) / 60, 60),
    repricing: repricer?.enabled ?? false,
    cap: price(repricer?.cap_micros_per_gpu_hour),
    raiseAbove: number(repricer?.raise_above_percent, 85),
    lowerBelow: number(repricer?.lower_below_percent, 25),
    step: number(repricer?.step_percent, 5),
  };
}

/** The field of the draft that a field of the exchange's complaint is shown at. */
export const policyFields: Record<string, keyof PolicyDraft> = {
  firm_floor_micros_per_gpu_hour: 'firm', interruptible_floor_micros_per_gpu_hour: 'interruptible', hours_mask: 'hours', days_mask: 'days', run_slot_count_min: 'run',
  keep_free: 'keepFree', idle_minutes: 'idleMinutes', horizon_slot_count: 'horizon', keep_gpu_count: 'keepGpus', reclaim_notice_seconds: 'noticeMinutes',
  cap_micros_per_gpu_hour: 'cap', raise_above_percent: 'raiseAbove', lower_below_percent: 'lowerBelow', step_percent: 'step',
};

/** Reads a draft: the policy, or what is wrong with each field; the rules are the exchange's, said before it is asked. */
export function readPolicy(draft: PolicyDraft, terms: PolicyTerms): { policy: NodePolicy | null; complaints: PolicyComplaints } {
  const complaints: PolicyComplaints = {};
  const price = (field: 'firm' | 'interruptible' | 'cap', ask: string): number => {
    const micros = parseDollars(draft[field]);
    if (micros === null) complaints[field] = draft[field].trim() ? 'Write dollars, for example 1.85.' : ask;
    else if (micros > terms.highest_price_micros_per_gpu_hour) complaints[field] = `At most ${formatPrice(terms.highest_price_micros_per_gpu_hour, terms.tick_micros)}.`;
    else if (micros % terms.tick_micros) complaints[field] = `In steps of ${formatPrice(terms.tick_micros, terms.tick_micros)}.`;
    return micros ?? 0;
  };
  const count = (field: 'run' | 'idleMinutes' | 'horizon' | 'keepGpus' | 'noticeMinutes' | 'raiseAbove' | 'lowerBelow' | 'step', least: number, most: number): number => {
    const value = /^\d+$/.test(draft[field].trim()) ? Number(draft[field]) : Number.NaN;
    if (!(value >= least && value <= most)) complaints[field] = `A whole number from ${least} to ${most}.`;
    return value;
  };
  const firm = draft.enabled || draft.firm.trim() ? price('firm', 'The least you would take for one GPU for one hour.') : 0;
  const interruptible = draft.interruptible.trim() ? price('interruptible', '') : firm;
  if (!complaints.interruptible && !complaints.firm && interruptible > firm) complaints.interruptible = 'Not above the firm floor.';
  if (!draft.hours.some(Boolean)) complaints.hours = 'Choose at least one hour, or turn the policy off.';
  if (!draft.days.some(Boolean)) complaints.days = 'Choose at least one day, or turn the policy off.';
  for (const { from, to } of draft.keepFree) if (!(from < to)) complaints.keepFree = 'A window must end after it begins.';
  const run = count('run', 1, 72);
  const idle = count('idleMinutes', 0, 1_440);
  const horizon = count('horizon', 1, 168);
  const keep = count('keepGpus', 0, terms.gpus);
  const notice = count('noticeMinutes', 2, 1_440);
  if (!complaints.run && !complaints.horizon && run > horizon) complaints.run = 'Not longer than it is offered ahead.';
  const cap = draft.repricing ? price('cap', 'How high may it go?') : (parseDollars(draft.cap) ?? 0);
  if (draft.repricing && !complaints.cap && !complaints.firm && cap < firm) complaints.cap = 'Not below the firm floor.';
  const raise = count('raiseAbove', 1, 100);
  const lower = count('lowerBelow', 0, 99);
  const step = count('step', 1, 50);
  if (!complaints.raiseAbove && !complaints.lowerBelow && lower >= raise) complaints.lowerBelow = 'Below the share above which it rises.';
  if (Object.keys(complaints).length) return { policy: null, complaints };
  return {
    policy: {
      enabled: draft.enabled, firm_floor_micros_per_gpu_hour: firm, interruptible_floor_micros_per_gpu_hour: interruptible, hours_mask: maskOf(draft.hours), days_mask: maskOf(draft.days),
      run_slot_count_min: run, keep_free: draft.keepFree.map(({ from, to }) => ({ from_time: new Date(from).toISOString(), to_time: new Date(to).toISOString() })), idle_minutes: idle,
      horizon_slot_count: horizon, keep_gpu_count: keep, reclaim_notice_seconds: notice * 60,
      repricer: {
        enabled: draft.repricing, cap_micros_per_gpu_hour: cap, raise_above_percent: raise, lower_below_percent: lower, step_percent: step, reserve_micros_per_gpu_hour: 0, explanation: '',
      },
    },
    complaints,
  };
}

/** Runs of chosen hours: "22:00 to 06:00"; one that goes over midnight is told as one. */
export function hoursInWords(chosen: boolean[]): string {
  if (chosen.every(Boolean)) return 'at any hour';
  const two = (hour: number) => `${hour.toString().padStart(2, '0')}:00`;
  const runs: string[] = [];
  for (let hour = 0; hour < 24; hour++) {
    if (!chosen[hour] || chosen[(hour + 23) % 24]) continue;
    let end = hour;
    while (chosen[end % 24]) end++;
    runs.push(`${two(hour)} to ${two(end % 24)}`);
  }
  return `from ${runs.join(' and from ')} UTC`;
}

/** Runs of chosen days: "Monday to Friday". */
export function daysInWords(chosen: boolean[]): string {
  if (chosen.every(Boolean)) return 'on any day';
  const runs: string[] = [];
  for (let day = 0; day < 7; day++) {
    if (!chosen[day] || (day > 0 && chosen[day - 1])) continue;
    let end = day;
    while (chosen[end + 1]) end++;
    runs.push(end > day + 1 ? `${days[day] ?? ''} to ${days[end] ?? ''}` : days.slice(day, end + 1).join(' and '));
  }
  return `on ${runs.join(', ')}`;
}

/** What will happen by a policy, in plain words. */
export function policyInWords(policy: NodePolicy, gpus: number, tickMicros: number, zone: Zone): string[] {
  if (!policy.enabled) return ['Nothing is offered by itself: idle GPUs stay unsold unless you place an offer.'];
  const price = (micros: number) => formatPrice(micros, tickMicros);
  const firm = policy.firm_floor_micros_per_gpu_hour;
  const interruptible = policy.interruptible_floor_micros_per_gpu_hour || firm;
  const sold = gpus - policy.keep_gpu_count;
  const words = [
    `${policy.keep_gpu_count ? `${sold} of the ${gpus} GPUs are` : gpus === 1 ? 'The GPU is' : `All ${gpus} GPUs are`} offered while ${sold === 1 ? 'it is' : 'they are'} idle, ${hoursInWords(bits(policy.hours_mask, 24))}, ${daysInWords(bits(policy.days_mask, 7))}, up to ${policy.horizon_slot_count || 24} hours ahead.`,
    policy.idle_minutes ? `A GPU counts as idle when nothing of yours ran on it for ${formatSeconds(policy.idle_minutes * 60)}; while something of yours runs it is not sold.` : 'A GPU counts as idle as soon as nothing of yours runs on it.',
    interruptible < firm
      ? `It is sold ahead for ${price(firm)} or more; an hour that would otherwise stay idle goes for ${price(interruptible)} or more in the last run before it and while it goes on.`
      : `It is sold for ${price(firm)} or more.`,
  ];
  if (policy.run_slot_count_min > 1) words.push(`Only to blocks of at least ${policy.run_slot_count_min} hours in a row.`);
  for (const one of policy.keep_free) words.push(`Nothing is sold from ${shortTime(Date.parse(one.from_time), zone)} to ${shortTime(Date.parse(one.to_time), zone)}.`);
  words.push(`You can take back what is sold with ${formatSeconds(policy.reclaim_notice_seconds || 3_600)} of notice; the buyer is then compensated out of your bond. Buyers see this notice.`);
  const { repricer } = policy;
  if (repricer?.enabled) {
    words.push(
      `The price moves between ${price(firm)} and ${price(repricer.cap_micros_per_gpu_hour)}: it rises by ${repricer.step_percent}% while more than ${repricer.raise_above_percent}% of the coming hours is sold, and falls by ${repricer.step_percent}% while less than ${repricer.lower_below_percent}% is.`,
    );
  }
  return words;
}
