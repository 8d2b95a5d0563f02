/** The names under which answers are kept; what a live update makes old is found by the first word. */
export const keys = {
  session: ['session'],
  clock: ['clock'],
  markets: ['markets'],
  slotPrices: ['slot-prices'],
  spotPrices: ['spot-prices'],
  indexes: ['indexes'],
  runs: ['runs'],
  run: ['run'],
  record: ['record'],
  indicative: ['indicative'],
  trades: ['trades'],
  quote: ['quote'],
  bids: ['bids'],
  offers: ['offers'],
  nodes: ['nodes'],
  leases: ['leases'],
  account: ['account'],
  transfers: ['transfers'],
  payouts: ['payouts'],
  myTrades: ['my-trades'],
  apiKeys: ['api-keys'],
  services: ['services'],
  trialBalance: ['trial-balance'],
  participants: ['participants'],
  audit: ['audit'],
} as const;

/** Everything that only the signed-in may see: forgotten when who is signed in changes. */
export const ownKeys = [
  keys.bids, keys.offers, keys.nodes, keys.leases, keys.account, keys.transfers, keys.payouts, keys.myTrades, keys.apiKeys,
  keys.services, keys.trialBalance, keys.participants, keys.audit,
] as const;
