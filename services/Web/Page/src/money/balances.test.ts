import { describe, expect, it } from 'vitest';
import type { Account } from '../api/types';
import { balances, reasonsOf } from './balances';

const account: Account = {
  participant_id: 'p', collateral_micros: 100, free_micros: 60, reserved_micros: 30, bond_micros: 10, escrow_micros: 0, earnings_micros: 5, transit_micros: 0,
  set_aside_micros: 0, owed_micros: 0,
  reasons: [
    { balance: 'reserved', amount_micros: 20, text: 'Bid 81: 8 GPUs', cause: 'bid 81' },
    { balance: 'reserved', amount_micros: 7, text: 'Bid 82: 1 GPU', cause: 'bid 82' },
    { balance: 'bond', amount_micros: 10, text: 'Offer 4', cause: 'offer 4' },
  ],
};

describe('reasons', () => {
  it('add up to each balance, whatever the exchange told', () => {
    const rows = reasonsOf(account);
    for (const balance of balances) {
      expect(rows.filter((row) => row.balance === balance.name).reduce((sum, row) => sum + row.amount_micros, 0)).toBe(balance.of(account));
    }
  });

  it('stand in the order of the balances, and a gap between them and the balance is shown', () => {
    expect(reasonsOf(account).map((row) => `${row.label} ${row.amount_micros} ${row.cause}`)).toEqual(['Free 60 ', 'Reserved 20 bid 81', 'Reserved 7 bid 82', 'Reserved 3 ', 'Bonds 10 offer 4', 'Earned 5 ']);
  });
});
