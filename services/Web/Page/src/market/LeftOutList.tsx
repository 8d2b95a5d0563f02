import type { Problem, Run } from '../api/types';
import { Price, Time } from '../ui/figures';
import { minute } from '../words/time';
import styles from './market.module.css';
import { firstSlotOf, type LeftOut } from './record';

/** The blocks that a run left out although they were in the money: the price of indivisibility, one by one. */
export function LeftOutList({ run, problem, left }: { run: Run; problem: Problem; left: LeftOut[] }) {
  const first = firstSlotOf(run, problem);
  const length = problem.slot_minutes * minute;
  return (
    <ul className={styles.plain} aria-label={`Left out of run ${run.run_id}`}>
      {left.map((one) => (
        <li key={one.bid.id}>
          <Reason left={one} from={first + one.from * length} slots={one.to - one.from} />
        </li>
      ))}
    </ul>
  );
}

function Reason({ left, from, slots }: { left: LeftOut; from: number; slots: number }) {
  const { bid } = left;
  return (
    <>
      Block of {bid.gpus} GPUs for {slots} {slots === 1 ? 'slot' : 'slots'} from <Time at={from} /> in {left.market}: in the money by{' '}
      <strong>
        <Price micros={Math.round(left.margin)} />
      </strong>{' '}
      per GPU-hour (limit <Price micros={bid.limit} />, mean price <Price micros={Math.round(left.mean)} />), but no whole fit:{' '}
      {left.tightest < bid.gpus
        ? `in its tightest slot ${left.tightest} of ${bid.gpus} GPUs were left.`
        : 'what was left lay on offers that would have cost more than its limit, or could not serve its whole run.'}
    </>
  );
}
