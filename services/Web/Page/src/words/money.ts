/** Money is whole micro-dollars, prices are micro-dollars for one GPU for one hour. All of them are below 2^53. */

export const microsPerDollar = 1_000_000;

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** Micro-dollars with a fixed number of decimals, the last one rounded half away from zero. */
export function fixedDollars(micros: number, decimals: number): string {
  const unit = 10n ** BigInt(6 - decimals);
  const exact = BigInt(Math.trunc(Math.abs(micros)));
  const rounded = (exact + unit / 2n) / unit;
  const scale = 10n ** BigInt(decimals);
  const sign = micros < 0 && rounded > 0n ? '−' : '';
  const fraction = decimals > 0 ? `.${(rounded % scale).toString().padStart(decimals, '0')}` : '';
  return `${sign}$${grouped((rounded / scale).toString())}${fraction}`;
}

/** An amount to the cent, for example $1,204.50. What is not nothing never reads as nothing. */
export function formatMoney(micros: number): string {
  const small = Math.abs(micros);
  if (small > 0 && small < 5_000) return micros < 0 ? '−<$0.01' : '<$0.01';
  return fixedDollars(micros, 2);
}

/** An amount to the micro-dollar. */
export const exactMoney = (micros: number): string => fixedDollars(micros, 6);

/** How many decimals a price needs so that a tick shows, at least two. */
export function decimalsOfTick(tickMicros: number): number {
  let decimals = 6;
  let rest = Math.max(1, tickMicros);
  while (decimals > 2 && rest % 10 === 0) {
    rest /= 10;
    decimals--;
  }
  return decimals;
}

/** A price per GPU-hour to the tick, without the unit. */
export const formatPrice = (micros: number, tickMicros: number): string => fixedDollars(micros, decimalsOfTick(tickMicros));

/** Reads dollars as people type them, exactly; null when they are not. */
export function parseDollars(text: string): number | null {
  const match = /^\$?\s*(\d{1,9})(?:\.(\d{0,6}))?$/.exec(text.trim().replaceAll(',', ''));
  if (!match) return null;
  return Number(match[1]) * microsPerDollar + Number((match[2] ?? '').padEnd(6, '0'));
}

/** Dollars as a field shows them for editing: no sign, no grouping, no needless zeros beyond the decimals. */
export const editableDollars = (micros: number, decimals: number): string => fixedDollars(micros, decimals).replace(/[$,]/g, '');

/** The cost of GPU-minutes at a price, parts of an hour rounded down as the exchange does. */
export const costOf = (priceMicros: number, gpuMinutes: number): number =>
  Number((BigInt(priceMicros) * BigInt(gpuMinutes)) / 60n);

/** A share in parts per million, rounded down as the exchange does. */
export const shareOf = (micros: number, partsPerMillion: number): number =>
  Number((BigInt(micros) * BigInt(partsPerMillion)) / 1_000_000n);

/** What an offer's bond is: a share of the reserve, not below the least bond, for every GPU and slot. */
export function bondOfOffer(
  reserveMicros: number,
  gpus: number,
  slots: number,
  terms: { slot_minutes: number; bond_ppm: number; least_bond_micros_per_gpu_hour: number },
): number {
  const hourly = Math.max(shareOf(reserveMicros, terms.bond_ppm), terms.least_bond_micros_per_gpu_hour);
  return Math.floor((hourly * terms.slot_minutes) / 60) * gpus * slots;
}

/** GPU-minutes as GPU-hours, with one decimal only where there is a part. */
export function formatGpuHours(gpuMinutes: number): string {
  const tenths = Math.round(gpuMinutes / 6);
  const whole = grouped(Math.floor(tenths / 10).toString());
  return tenths % 10 === 0 ? whole : `${whole}.${tenths % 10}`;
}

/** A whole number with thousands apart. */
export const formatCount = (count: number): string => (count < 0 ? '−' : '') + grouped(Math.abs(Math.trunc(count)).toString());

/** Parts per million as percent with up to two decimals. */
export function formatPpm(ppm: number): string {
  return `${(ppm / 10_000).toFixed(2).replace(/\.?0+$/, '')}%`;
}
