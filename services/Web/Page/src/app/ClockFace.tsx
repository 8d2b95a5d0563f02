import { useClockMode, useNow } from '../live/clock';
import { clockSeconds, dayAndTime, inBothZones, zoneName } from '../words/time';
import { useZone } from './zone';
import styles from './shell.module.css';

/** The exchange's time, in the chosen zone, and whether it is real. */
export function ClockFace() {
  const now = useNow();
  const mode = useClockMode();
  const zone = useZone();
  if (now === null) return <div className={styles.clock} aria-hidden style={{ minWidth: 128 }} />;
  const day = dayAndTime(now, zone).slice(0, -6);
  const pace = !mode.simulated ? '' : mode.speed === 0 ? 'simulated, stopped' : `simulated ×${mode.speed}`;
  return (
    <div className={styles.clock} title={inBothZones(now)} role="timer" aria-live="off" aria-label="Exchange time">
      <strong>{clockSeconds(now, zone)}</strong> <span className={styles.day}>{zoneName(now, zone)}</span>
      <small>
        <span className={styles.day}>{day}{pace ? ' · ' : ''}</span>
        {pace}
      </small>
    </div>
  );
}
