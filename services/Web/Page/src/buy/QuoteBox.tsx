import { Button } from '@mantine/core';
import type { useQuote } from '../api/market';
import { asProblem } from '../api/problem';
import { Money, Price } from '../ui/figures';
import { Bone } from '../ui/states';
import styles from '../ui/form.module.css';

type QuoteBoxProps = { quote: ReturnType<typeof useQuote>; asked: boolean; onUse: (limit: number) => void };

/** What the window would likely cost now, from the open offers. */
export function QuoteBox({ quote, asked, onUse }: QuoteBoxProps) {
  const said = quote.data;
  return (
    <section className={styles.quote} aria-label="Likely price" aria-live="polite">
      <h3>Likely price now</h3>
      {!asked ? (
        <p className={styles.hint}>Say how many GPUs and when.</p>
      ) : quote.isError ? (
        <p className={styles.hint}>{asProblem(quote.error).message}</p>
      ) : !said ? (
        <Bone width="12ch" />
      ) : said.available ? (
        <>
          <div className={styles.row}>
            <span className={styles.big}>
              <Price micros={said.limit_micros_per_gpu_hour} />
            </span>
            <Button variant="light" size="compact-xs" onClick={() => onUse(said.limit_micros_per_gpu_hour)}>
              Use as limit
            </Button>
          </div>
          <p className={styles.hint}>
            A limit of that would be in the money. At the open offers it costs <Money micros={said.cost_micros} /> and <Money micros={said.fee_micros} /> fee.
          </p>
        </>
      ) : (
        <p>{said.unavailable_reason} You can bid all the same: new offers may come before the gate.</p>
      )}
    </section>
  );
}
