import { useId, type ReactNode } from 'react';
import styles from './ui.module.css';

type PanelProps = {
  title: string;
  /** A few quiet words beside the title. */
  note?: ReactNode;
  /** Controls at the right of the title. */
  tools?: ReactNode;
  /** Without padding: for tables. */
  flush?: boolean;
  className?: string | undefined;
  children: ReactNode;
};

/** A titled part of a page; its title names the region. */
export function Panel({ title, note, tools, flush = false, className, children }: PanelProps) {
  const id = useId();
  return (
    <section className={[styles.panel, className].filter(Boolean).join(' ')} aria-labelledby={id}>
      <header className={styles.head}>
        <h2 id={id}>{title}</h2>
        {note ? <span className={styles.note}>{note}</span> : null}
        {tools ? <div className={styles.tools}>{tools}</div> : null}
      </header>
      <div className={flush ? `${styles.body} ${styles.flush}` : styles.body}>{children}</div>
    </section>
  );
}
