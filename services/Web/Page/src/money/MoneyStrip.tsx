import { useAccount } from '../api/own';
import { Money, Stat, Stats } from '../ui/figures';
import { Bone, Failed } from '../ui/states';
import { balances } from './balances';

/** All of the participant's money, by where it is. What is usually nothing is shown when it is something. */
export function MoneyStrip() {
  const account = useAccount();
  if (account.isError && !account.data) return <Failed what="Your account" failure={account.error} retry={() => void account.refetch()} />;
  const held = account.data;
  return (
    <Stats label="Account">
      {balances
        .filter((one) => !one.rare || (held && one.of(held) !== 0))
        .map((one) => (
          <Stat key={one.name} label={one.label} value={held ? <Money micros={one.of(held)} /> : <Bone width="7ch" />} sub={one.meaning} />
        ))}
    </Stats>
  );
}
