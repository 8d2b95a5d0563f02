import type { NodeDetail } from '../api/types';
import { Facts } from '../ui/figures';
import { Panel } from '../ui/Panel';
import ui from '../ui/ui.module.css';
import { formatGpuHours, formatPpm } from '../words/money';
import { formatScore } from '../words/units';

type ScorePanelProps = {
  reputation: NodeDetail['reputation'];
  /** Without an agent nothing is measured that a score could be made of. */
  scored: boolean;
  className: string | undefined;
};

/** A node's score, what it is made of, and how. */
export function ScorePanel({ reputation, scored, className }: ScorePanelProps) {
  const age = reputation.verification_age_days;
  const ever = { name: 'GPU-hours delivered of sold, ever', value: `${formatGpuHours(reputation.delivered_gpu_seconds / 60)} of ${formatGpuHours(reputation.sold_gpu_seconds / 60)}` };
  if (!scored) {
    return (
      <Panel title="Score" note="only nodes with an agent have one" className={className}>
        <Facts rows={[ever]} />
      </Panel>
    );
  }
  return (
    <Panel title="Score" note="public, with its formula" className={className}>
      <Facts
        rows={[
          { name: 'Delivered of sold, newer counts more', value: formatPpm(reputation.delivery_ppm) },
          { name: 'Heard of, last 30 days', value: formatPpm(reputation.uptime_ppm) },
          { name: 'Failed deliveries, last 90 days', value: reputation.failure_count },
          { name: 'Last passed self-test', value: age < 0 ? 'none yet' : age === 0 ? 'today' : `${age} ${age === 1 ? 'day' : 'days'} ago` },
          ever,
          { name: 'Score', value: formatScore(reputation.score_ppm), total: true },
        ]}
      />
      {reputation.formula ? <p className={`${ui.mono ?? ''} ${ui.formula ?? ''}`}>{reputation.formula}</p> : null}
    </Panel>
  );
}
