import { lazy, Suspense, useMemo } from 'react';
import { useMyTrades, useTransfers } from '../api/own';
import { Facts, Money } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty, Failed, Waiting } from '../ui/states';
import { sumByDay } from '../words/days';

const DayBars = lazy(() => import('../charts/DayBars'));

/** What the buyer spent by day of purchase, and what came back for hours not delivered. */
export function SpendPanel({ className }: { className: string | undefined }) {
  const trades = useMyTrades();
  const transfers = useTransfers();
  const spent = useMemo(() => {
    const { days, sums } = sumByDay(trades.rows ?? [], (trade) => trade.happened_time, [(trade) => trade.cost_micros]);
    return { days, series: [{ name: 'Bought', tone: 'accent' as const, micros: sums[0] ?? [] }] };
  }, [trades.rows]);
  const total = (kind: string) => (transfers.rows ?? []).filter((one) => one.kind === kind).reduce((sum, one) => sum + one.amount_micros, 0);
  const bought = (trades.rows ?? []).reduce((sum, trade) => sum + trade.cost_micros, 0);

  return (
    <Panel title="Spend" note="by UTC day of purchase, fees apart" className={className}>
      {trades.isError && !trades.rows ? (
        <Failed what="Your spend" failure={trades.error} retry={() => void trades.refetch()} />
      ) : !trades.rows ? (
        <Waiting height={320} />
      ) : trades.rows.length === 0 ? (
        <Empty title="Nothing spent yet">Your purchases by day appear here.</Empty>
      ) : (
        <>
          <Suspense fallback={<Waiting height={240} />}>
            <DayBars days={spent.days} series={spent.series} label="Spend by day" />
          </Suspense>
          <Facts
            rows={[
              { name: trades.more.has ? 'Bought, newest 500' : 'Bought', value: <Money micros={bought} />, total: true },
              { name: "Buyer's fees", value: <Money micros={total("buyer's fee")} /> },
              { name: 'Paid back', value: <Money micros={total('refund')} /> },
              { name: 'Compensation', value: <Money micros={total('compensation')} /> },
            ]}
          />
        </>
      )}
    </Panel>
  );
}
