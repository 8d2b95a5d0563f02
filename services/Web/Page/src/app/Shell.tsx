import { useEffect, useRef, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { SessionMenu } from '../session/SessionMenu';
import { shortId } from '../words/ids';
import { ClockFace } from './ClockFace';
import { ConnectionBanner } from './ConnectionBanner';
import { Preferences } from './Preferences';
import { places } from './places';
import styles from './shell.module.css';
import { useShortcuts } from './useShortcuts';

/** What stands around every page: the way to the others, the exchange's time, the connection, and who is signed in. */
export function Shell({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  const here = places.find((place) => place.path === (path === '/' ? '/market' : path));
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useShortcuts();

  useEffect(() => {
    document.title = titleOf(here?.name, path);
    // Who reads by ear is taken to the new page; on the first one the browser starts at the top anyway.
    if (first.current) first.current = false;
    else {
      main.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
  }, [here, path]);

  return (
    <>
      <a className={styles.skip} href="#content">
        Skip to the content
      </a>
      <header className={styles.header}>
        <div className={styles.bar}>
          <Link href="/" className={styles.brand} aria-label="Compute Exchange">
            <img src="/favicon.svg" alt="" width="22" height="22" />
            <span>Compute Exchange</span>
          </Link>
          <nav className={styles.nav} aria-label="Pages">
            {places.map((place) => (
              <Link key={place.path} href={place.path} aria-current={place === here ? 'page' : undefined} aria-keyshortcuts={`g ${place.key}`}>
                {place.name}
              </Link>
            ))}
          </nav>
          <div className={styles.right}>
            <ClockFace />
            <Preferences />
            <SessionMenu />
          </div>
        </div>
        <ConnectionBanner />
      </header>
      <main id="content" className={styles.main} ref={main} tabIndex={-1}>
        {children}
      </main>
      <footer className={styles.footer}>
        <span>All prices in US dollars for one GPU for one hour.</span>
        <a href="/openapi/v1.json">REST API</a>
        <span>
          Charts by <a href="https://www.tradingview.com/" rel="noreferrer">TradingView</a> Lightweight Charts™ and Apache ECharts.
        </span>
      </footer>
    </>
  );
}

/** What the window is called: the page, or the run, lease or node of its address. */
function titleOf(name: string | undefined, path: string): string {
  const [, kind, id] = /^\/(run|lease|node)s\/([^/]+)$/.exec(path) ?? [];
  const here = name ?? (kind ? `${kind.charAt(0).toUpperCase()}${kind.slice(1)} ${shortId(id ?? '')}` : '');
  return here ? `${here} · Compute Exchange` : 'Compute Exchange';
}

/** A page's title and a sentence beside it. */
export const PageTitle = ({ title, children }: { title: string; children?: ReactNode }) => (
  <div className={styles.title}>
    <h1>{title}</h1>
    {children ? <p>{children}</p> : null}
  </div>
);
