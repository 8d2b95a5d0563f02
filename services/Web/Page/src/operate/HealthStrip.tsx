import { useRuns } from '../api/market';
import { useServices, useTrialBalance } from '../api/operate';
import { lastCleared } from '../market/board';
import { gapPpm } from '../market/record';
import { Badge, Money, Stat, Stats, Time } from '../ui/figures';
import { Bone } from '../ui/states';
import { formatCount, formatPpm } from '../words/money';

/** The one line that says whether all is well. */
export function HealthStrip() {
  const health = useServices();
  const balance = useTrialBalance();
  const runs = useRuns();
  const services = health.data?.services;
  const down = services?.filter((service) => !service.up) ?? [];
  const lag = services?.reduce((most, service) => Math.max(most, service.feed_lag ?? 0), 0);
  const pending = services?.reduce((sum, service) => sum + service.pending_count, 0);
  const last = lastCleared(runs.data?.runs);
  const wait = <Bone width="6ch" />;
  return (
    <Stats label="Health">
      <Stat
        label="Services"
        value={
          services ? (
            down.length ? <Badge tone="bad">{down.length} down</Badge> : <Badge tone="good">all {services.length} up</Badge>
          ) : health.isError ? (
            <Badge tone="bad">not known</Badge>
          ) : (
            wait
          )
        }
        sub={down.length ? down.map((service) => service.service).join(', ') : health.isError ? 'the exchange did not say' : 'asked every 2 s'}
      />
      <Stat label="Feed" value={health.data ? `#${formatCount(health.data.feed_number)}` : wait} sub="the engine's last event" />
      <Stat label="Largest lag" value={lag === undefined ? wait : lag === 0 ? 'none' : <Badge tone={lag > 1_000 ? 'bad' : 'warn'}>{formatCount(lag)} events</Badge>} sub="behind the feed" />
      <Stat label="Work due" value={pending === undefined ? wait : formatCount(pending)} sub="told and not yet done" />
      <Stat
        label="Last run"
        value={last ? `#${last.run_id}` : runs.data ? 'none yet' : wait}
        sub={last ? <>gap {formatPpm(gapPpm(last))}, {last.left_out_count} left out, <Time at={last.cleared_time} show="clock" /></> : ''}
      />
      <Stat
        label="Ledger"
        value={
          balance.data ? (
            balance.data.total_micros === 0 ? <Badge tone="good">balances</Badge> : <Badge tone="bad">off by <Money micros={balance.data.total_micros} /></Badge>
          ) : balance.isError ? (
            <Badge tone="bad">not known</Badge>
          ) : (
            wait
          )
        }
        sub="sum over all accounts"
      />
    </Stats>
  );
}
