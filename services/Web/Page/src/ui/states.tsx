import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { asProblem } from '../api/problem';
import styles from './ui.module.css';

/** Nothing there: says so, and what to do next. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.state}>
      <h3>{title}</h3>
      {children ? <p>{children}</p> : null}
      {action}
    </div>
  );
}

/** It did not work: says what happened, and tries again. */
export function Failed({ what, failure, retry }: { what: string; failure: unknown; retry?: () => void }) {
  const problem = asProblem(failure);
  return (
    <div className={styles.state} role="alert">
      <h3>{what} could not be loaded</h3>
      <p>
        {problem.message}
        {problem.code ? <span className={styles.mono}> {problem.reason || problem.code}</span> : null}
      </p>
      {retry ? (
        <Button variant="default" onClick={retry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

/** A grey bar where text will be. */
export const Bone = ({ width = '8ch' }: { width?: string }) => <span className={styles.bone} style={{ width }} aria-hidden />;

/** Room for what is still loading, as high as what will come. */
export function Waiting({ height }: { height: number }) {
  return (
    <div style={{ height, padding: 12 }} role="status" aria-label="Loading">
      <Bone width="40%" />
    </div>
  );
}

/** A sentence in a box: good news, a warning, or what went wrong. */
export function Message({ tone, children }: { tone: 'good' | 'warn' | 'bad'; children: ReactNode }) {
  return (
    <div className={`${styles.message} ${styles[tone] ?? ''}`} role={tone === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}
