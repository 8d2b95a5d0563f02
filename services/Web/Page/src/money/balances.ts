import type { Account, AmountReason } from '../api/types';

/** The parts of a participant's money: their names in reasons, and what they mean. */
export const balances: { name: string; label: string; meaning: string; rare?: boolean; of: (account: Account) => number }[] = [
  { name: 'free', label: 'Free', meaning: 'to bid with or take out', of: (account) => account.free_micros },
  { name: 'reserved', label: 'Reserved', meaning: 'for open bids and orders', of: (account) => account.reserved_micros },
  { name: 'bond', label: 'Bonds', meaning: 'behind what you sell', of: (account) => account.bond_micros },
  { name: 'escrow', label: 'Escrow', meaning: 'paid, not yet delivered', of: (account) => account.escrow_micros },
  { name: 'earnings', label: 'Earned', meaning: 'not yet paid out', of: (account) => account.earnings_micros },
  { name: 'transit', label: 'On its way', meaning: 'into or out of trading', of: (account) => account.transit_micros },
  { name: 'set_aside', label: 'Set aside', meaning: 'of it, being paid out', rare: true, of: (account) => account.set_aside_micros },
  { name: 'owed', label: 'Owed', meaning: 'to the exchange', rare: true, of: (account) => account.owed_micros },
];

export type ReasonRow = AmountReason & { label: string; order: number };

/** Why each amount is what it is, in the order of the balances; a balance that is something and gives no reason says so itself. */
export function reasonsOf(account: Account): ReasonRow[] {
  return balances.flatMap((balance, order) => {
    const told = account.reasons.filter((reason) => reason.balance === balance.name);
    const amount = balance.of(account);
    const rest = amount - told.reduce((sum, reason) => sum + reason.amount_micros, 0);
    const untold = rest === 0 ? [] : [{ balance: balance.name, amount_micros: rest, text: told.length ? 'Something that changed just now' : balance.meaning, cause: '' }];
    return [...told, ...untold].map((reason) => ({ ...reason, label: balance.label, order }));
  });
}
