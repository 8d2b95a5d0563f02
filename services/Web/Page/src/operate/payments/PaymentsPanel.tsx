import shell from '../../app/shell.module.css';
import { usePaymentStatus } from '../../api/money';
import { Badge, Money, Stat, Stats, Time } from '../../ui/figures';
import { Bone, Failed } from '../../ui/states';
import { formatCount } from '../../words/money';
import { duration, minute } from '../../words/time';
import { ApprovalsPanel } from './ApprovalsPanel';
import { HaltBox } from './HaltBox';
import { ProposalsPanel } from './ProposalsPanel';
import { UnmatchedPanel } from './UnmatchedPanel';

/** Money in and out: whether it may leave, what waits for operators, and what two of them decide. */
export function PaymentsPanel() {
  const status = usePaymentStatus();
  if (status.isError && !status.data) return <Failed what="The payments" failure={status.error} retry={() => void status.refetch()} />;
  const now = status.data;
  const wait = <Bone width="6ch" />;
  return (
    <div className={shell.main} style={{ padding: 0, minHeight: 0 }}>
      <Stats label="Payments">
        <Stat
          label="Money out" value={now ? now.halted ? <Badge tone="bad">halted</Badge> : <Badge tone="good">flows</Badge> : wait}
          sub={now?.halted ? <>since <Time at={now.halted_time} /></> : now ? `over the rail ${now.rail}` : ''}
        />
        <Stat label="To approve" value={now ? formatCount(now.awaiting_approval_count) : wait} sub="by two operators" />
        <Stat label="Unmatched" value={now ? formatCount(now.unmatched_count) : wait} sub="deposits of nobody yet" />
        <Stat label="Sent" value={now ? formatCount(now.sent_count) : wait} sub="not settled by the rail yet" />
        <Stat
          label="Last compared" value={now ? now.compared_time ? <Time at={now.compared_time} show="clock" /> : 'not yet' : wait}
          sub={now ? `feed ${formatCount(now.feed_number)}, hashes to ${formatCount(now.checked_transfer_id)}` : ''}
        />
        <Stat
          label="Limits" value={now ? <Money micros={now.limits.single_micros} /> : wait}
          sub={now ? <>a day <Money micros={now.limits.daily_micros} />, two from <Money micros={now.limits.approval_micros} />, new accounts wait {duration(now.limits.cooling_minutes * minute)}</> : ''}
        />
      </Stats>
      {now ? <HaltBox status={now} /> : null}
      <ApprovalsPanel />
      <div className={shell.grid}>
        <ProposalsPanel limits={now?.limits} className={shell.w7} />
        <UnmatchedPanel className={shell.w5} />
      </div>
    </div>
  );
}
