/** The GPU class and the region of a market's name: "H100-SXM-80GB.us-east" is the class H100-SXM-80GB in us-east. */
export function splitMarket(market: string): { gpu: string; region: string } {
  const dot = market.indexOf('.');
  return dot < 0 ? { gpu: market, region: '' } : { gpu: market.slice(0, dot), region: market.slice(dot + 1) };
}

/** The class without its memory, as people say it: H100-SXM. */
export const shortClass = (market: string): string => splitMarket(market).gpu.replace(/-\d+GB$/, '');

/** The different classes or regions of markets, sorted. */
export const partsOfMarkets = (markets: string[], part: 'gpu' | 'region'): string[] =>
  [...new Set(markets.map((market) => splitMarket(market)[part]))].sort();
