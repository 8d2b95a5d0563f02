import type { ReactNode } from 'react';
import { useZone } from '../app/zone';
import { exactMoney, formatMoney, formatPrice } from '../words/money';
import { clockTime, countdown, inBothZones, instantOf, shortDay, shortTime } from '../words/time';
import { useNow } from '../live/clock';
import { useTick } from './tick';
import styles from './ui.module.css';

/** An amount to the cent; the exact one on hover. */
export const Money = ({ micros }: { micros: number }) => <span title={exactMoney(micros)}>{formatMoney(micros)}</span>;

/** A price per GPU-hour to the tick; the exact one on hover. */
export function Price({ micros }: { micros: number | null | undefined }) {
  const tick = useTick();
  if (micros === null || micros === undefined) return <span className={styles.calm}>–</span>;
  return <span title={`${exactMoney(micros)} per GPU-hour`}>{formatPrice(micros, tick)}</span>;
}

type TimeProps = { at: string | number | undefined; show?: 'clock' | 'day' | 'full' };

/** An instant in the chosen zone; both zones on hover. */
export function Time({ at, show = 'full' }: TimeProps) {
  const zone = useZone();
  const instant = typeof at === 'number' ? at : instantOf(at);
  if (Number.isNaN(instant)) return <span className={styles.calm}>–</span>;
  const shown = show === 'clock' ? clockTime(instant, zone) : show === 'day' ? shortDay(instant, zone) : shortTime(instant, zone);
  return (
    <time dateTime={new Date(instant).toISOString()} title={inBothZones(instant)}>
      {shown}
    </time>
  );
}

/** A window: its end without the day where the day is the same; one without an end goes on. */
export function Window({ from, to }: { from: string; to: string | undefined }) {
  const zone = useZone();
  if (!to) return <>from <Time at={from} /></>;
  const sameDay = shortDay(instantOf(from), zone) === shortDay(instantOf(to), zone);
  return (
    <>
      <Time at={from} /> – <Time at={to} show={sameDay ? 'clock' : 'full'} />
    </>
  );
}

/** What is left until an instant, by the exchange's clock. */
export function Countdown({ to }: { to: number }) {
  const now = useNow();
  return <span>{now === null ? '–' : countdown(to - now)}</span>;
}

type Tone = 'good' | 'bad' | 'warn' | 'calm' | 'lively';

/** A state in a word, with a dot of its colour. */
export const Badge = ({ tone, children }: { tone: Tone; children: ReactNode }) => (
  <span className={`${styles.badge} ${styles[tone] ?? ''}`}>{children}</span>
);

const tones: Record<string, Tone> = {
  open: 'lively', active: 'lively', filled: 'good', ended: 'good', scheduled: 'calm', cancelled: 'calm', expired: 'calm',
  closed: 'bad', failed: 'bad', halted: 'bad', paid: 'good', booked: 'good', done: 'good', ready: 'lively', sent: 'lively', pending: 'lively',
  awaiting_approval: 'warn', unmatched: 'warn', announced: 'calm', removed: 'calm', refused: 'bad', rejected: 'bad', reversed: 'bad', returned: 'bad',
};

export const StateBadge = ({ state }: { state: string }) => <Badge tone={tones[state] ?? 'calm'}>{state.replaceAll('_', ' ') || 'unknown'}</Badge>;

/** A row of headline figures. */
export const Stats = ({ label, children }: { label: string; children: ReactNode }) => (
  <section aria-label={label}>
    <dl className={styles.stats}>{children}</dl>
  </section>
);

export function Stat({ label, value, sub }: { label: string; value: ReactNode; sub?: ReactNode }) {
  return (
    <div className={styles.stat}>
      <dt>{label}</dt>
      <dd>{value}</dd>
      <dd className={styles.sub}>{sub}</dd>
    </div>
  );
}

/** Names and values in two columns. */
export const Facts = ({ rows }: { rows: { name: string; value: ReactNode; total?: boolean }[] }) => (
  <dl className={styles.facts}>
    {rows.map((row) => (
      <FactRow key={row.name} {...row} />
    ))}
  </dl>
);

function FactRow({ name, value, total = false }: { name: string; value: ReactNode; total?: boolean }) {
  const className = total ? styles.total : undefined;
  return (
    <>
      <dt className={className}>{name}</dt>
      <dd className={className}>{value}</dd>
    </>
  );
}
