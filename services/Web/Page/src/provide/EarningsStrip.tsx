import { useAccount, useLeases } from '../api/own';
import { Badge, Money, Stat, Stats } from '../ui/figures';
import { Bone, Failed } from '../ui/states';
import { deliveryOf } from '../words/delivery';
import { formatGpuHours, formatPpm } from '../words/money';

/** What the provider has earned, what is bonded, and how reliably it delivers. */
export function EarningsStrip() {
  const account = useAccount();
  const leases = useLeases();
  if (account.isError && !account.data) return <Failed what="Your account" failure={account.error} retry={() => void account.refetch()} />;
  const money = (micros: number | undefined) => (micros === undefined ? <Bone width="7ch" /> : <Money micros={micros} />);
  const held = account.data;
  const total = (leases.rows ?? []).map(deliveryOf).reduce(
    (sum, one) => ({ metered: sum.metered + one.metered, missing: sum.missing + one.missing }),
    { metered: 0, missing: 0 },
  );
  const reliability = total.metered ? Math.round(((total.metered - total.missing) / total.metered) * 1_000_000) : null;
  return (
    <Stats label="Account">
      <Stat label="Earned, not paid out" value={money(held?.earnings_micros)} sub="paid to your bank daily" />
      <Stat label="Bonded" value={money(held?.bond_micros)} sub="for offers and undelivered leases" />
      <Stat label="Free" value={money(held?.free_micros)} sub="to back offers or take out" />
      <Stat
        label="Reliability"
        value={leases.rows ? (reliability === null ? '–' : formatPpm(reliability)) : <Bone width="5ch" />}
        sub={reliability === null ? 'nothing delivered yet' : `of ${formatGpuHours(total.metered / 60)} GPU-hours metered`}
      />
      <Stat
        label="Not delivered"
        value={leases.rows ? total.missing ? <Badge tone="bad">{formatGpuHours(total.missing / 60)} GPU-h</Badge> : 'none' : <Bone width="5ch" />}
        sub="paid back to buyers"
      />
    </Stats>
  );
}
