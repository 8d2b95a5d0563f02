import { useEffect, useState } from 'react';
import { feed, useConnection } from '../live/feed';
import { clockSeconds } from '../words/time';
import { useZone } from './zone';
import styles from './shell.module.css';

/** Says when the page is not live: since when, and what happens next. Room is taken only then. */
export function ConnectionBanner() {
  const connection = useConnection();
  const zone = useZone();
  const patient = usePatience(connection === 'connecting' || connection === 'disconnected');
  const last = feed.heardAt === null ? '' : ` Last update ${clockSeconds(feed.heardAt, zone)} by this machine's clock.`;

  if (connection === 'stale') {
    return (
      <div className={`${styles.banner} ${styles.warn}`} role="status">
        <strong>Stale</strong>
        <span>Nothing was heard from the exchange for 12 seconds; figures may be old.{last}</span>
      </div>
    );
  }
  if ((connection === 'disconnected' || connection === 'connecting') && !patient) {
    return (
      <div className={`${styles.banner} ${styles.bad}`} role="status">
        <strong>Disconnected</strong>
        <span>The exchange cannot be heard; trying again by itself. What is shown may be old.{last}</span>
      </div>
    );
  }
  return null;
}

/** True for the first moments of a state: what mends itself at once is not worth a banner. */
function usePatience(waiting: boolean): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!waiting) return;
    const timer = window.setTimeout(() => setOver(true), 2_500);
    return () => {
      window.clearTimeout(timer);
      setOver(false);
    };
  }, [waiting]);
  return waiting && !over;
}
