import { useRuns } from '../api/market';
import { useNow } from '../live/clock';
import { Countdown, Money, Stat, Stats, Time } from '../ui/figures';
import { Bone } from '../ui/states';
import { nextGate, nextRun } from '../words/gates';
import { formatPpm } from '../words/money';
import { duration, second } from '../words/time';
import { lastCleared, useSlots } from './board';
import { gapPpm } from './record';

/** When the next run and the next gate are, and what the last run did. */
export function MarketStrip() {
  const { markets, schedule } = useSlots();
  const runs = useRuns();
  const now = useNow();
  const last = lastCleared(runs.data?.runs);
  const known = now !== null && markets.data !== undefined;
  const gate = known ? nextGate(now, schedule) : null;
  const run = known ? nextRun(now, schedule) : null;
  const all = markets.data?.markets ?? [];
  const halted = all.filter((market) => market.state === 'halted').length;

  return (
    <Stats label="Market now">
      <Stat
        label="Next run in"
        value={run === null ? <Bone width="5ch" /> : <Countdown to={run} />}
        sub={run === null ? '' : <>every {schedule.run_interval_seconds % 60 ? `${schedule.run_interval_seconds} s` : duration(schedule.run_interval_seconds * second)}</>}
      />
      <Stat
        label="Next gate in"
        value={gate === null ? <Bone width="5ch" /> : <Countdown to={gate.gate} />}
        sub={gate === null ? '' : <>closes the slot of <Time at={gate.slot} show="clock" /></>}
      />
      <Stat
        label="Last run"
        value={last ? `#${last.run_id}` : runs.isPending ? <Bone width="5ch" /> : 'none yet'}
        sub={last ? <>cleared <Time at={last.cleared_time} show="clock" /></> : ''}
      />
      <Stat
        label="Sold in it"
        value={last ? `${last.lease_count} ${last.lease_count === 1 ? 'lease' : 'leases'}` : runs.isPending ? <Bone width="6ch" /> : '–'}
        sub={last ? `${last.bid_count} bids, ${last.offer_count} offers` : ''}
      />
      <Stat
        label="Its welfare"
        value={last ? <Money micros={last.welfare_micros} /> : runs.isPending ? <Bone width="6ch" /> : '–'}
        sub={last ? `proven within ${formatPpm(gapPpm(last))} of the best` : ''}
      />
      <Stat
        label="Markets"
        value={markets.data ? `${all.length - halted} open` : <Bone width="5ch" />}
        sub={markets.data ? (halted ? `${halted} halted` : 'none halted') : ''}
      />
    </Stats>
  );
}
