import { useAccount } from '../api/own';
import { Money, Stat, Stats } from '../ui/figures';
import { Bone, Failed } from '../ui/states';

/** What the buyer's money is doing. */
export function AccountStrip() {
  const account = useAccount();
  if (account.isError && !account.data) return <Failed what="Your account" failure={account.error} retry={() => void account.refetch()} />;
  const money = (micros: number | undefined) => (micros === undefined ? <Bone width="7ch" /> : <Money micros={micros} />);
  const held = account.data;
  return (
    <Stats label="Account">
      <Stat label="Free" value={money(held?.free_micros)} sub="to bid with or take out" />
      <Stat label="Reserved" value={money(held?.reserved_micros)} sub="for open bids" />
      <Stat label="Escrow" value={money(held?.escrow_micros)} sub="paid, not yet delivered" />
      <Stat label="On its way" value={money(held?.transit_micros)} sub="into or out of trading" />
      <Stat label="In trading" value={money(held?.collateral_micros)} sub="free, reserved and bonds" />
    </Stats>
  );
}
