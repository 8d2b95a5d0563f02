import { SegmentedControl } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { lazy, Suspense, useMemo, useState } from 'react';
import { usePayouts, useTransfers } from '../api/own';
import type { Payout, Transfer } from '../api/types';
import { useSession } from '../session/session';
import { DataTable } from '../ui/DataTable';
import { Money, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty, Failed, Waiting } from '../ui/states';
import { sumByDay } from '../words/days';

const DayBars = lazy(() => import('../charts/DayBars'));

/** What was earned by day, and what was paid out. */
export function EarningsPanel({ className }: { className: string | undefined }) {
  const [view, setView] = useState('day');
  return (
    <Panel
      title="Earnings"
      note={view === 'day' ? 'by UTC day of delivery, after fees' : undefined}
      className={className}
      flush={view !== 'day'}
      tools={
        <SegmentedControl
          aria-label="Earnings shown"
          value={view}
          onChange={setView}
          data={[{ value: 'day', label: 'By day' }, { value: 'payouts', label: 'Payouts' }, { value: 'transfers', label: 'Transfers' }]}
        />
      }
    >
      {view === 'day' ? <ByDay /> : view === 'payouts' ? <Payouts /> : <Transfers />}
    </Panel>
  );
}

function ByDay() {
  const transfers = useTransfers();
  const { session } = useSession();
  const own = session.participant_id ?? '';
  const chart = useMemo(() => {
    // A transfer at midnight settles the hour that ended then: it belongs to the day before.
    const rows = (transfers.rows ?? []).filter((one) => one.kind === 'delivery earned' || (one.kind === 'compensation' && one.debit_account.endsWith(own)));
    const before = (one: Transfer) => new Date(Date.parse(one.happened_time) - 1_000).toISOString();
    const { days, sums } = sumByDay(rows, before, [
      (one) => (one.kind === 'delivery earned' ? one.amount_micros : 0),
      (one) => (one.kind === 'compensation' ? -one.amount_micros : 0),
    ]);
    return {
      days,
      series: [
        { name: 'Delivered', tone: 'bid' as const, micros: sums[0] ?? [] },
        { name: 'Compensation paid', tone: 'bad' as const, micros: sums[1] ?? [] },
      ],
    };
  }, [transfers.rows, own]);
  if (transfers.isError && !transfers.rows) return <Failed what="Your earnings" failure={transfers.error} retry={() => void transfers.refetch()} />;
  if (!transfers.rows) return <Waiting height={280} />;
  if (!chart.days.length) return <Empty title="Nothing earned yet">Each delivered hour is paid here as soon as it is metered.</Empty>;
  return (
    <Suspense fallback={<Waiting height={280} />}>
      <DayBars days={chart.days} series={chart.series} height={280} label="Earnings by day" />
    </Suspense>
  );
}

function Payouts() {
  const payouts = usePayouts();
  const columns = useMemo(() => {
    const column = createColumnHelper<Payout>();
    return [
      column.accessor('paid_time', { header: 'Paid', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.accessor('amount_micros', { header: 'Amount', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.accessor('payout_id', { header: 'Payout', enableSorting: false }),
    ];
  }, []);
  return (
    <DataTable
      label="Payouts" rows={payouts.rows} columns={columns} rowKey={(payout) => payout.payout_id} loading={payouts} more={payouts.more} maxHeight={380} first={25}
      empty={<Empty title="No payout yet">Earnings are sent to your bank once a day.</Empty>}
    />
  );
}

/** An account's name without the id of its owner. */
const accountKind = (account: string) => account.replace(/:[0-9a-f]{8}-.*$/, '');

function Transfers() {
  const transfers = useTransfers();
  const columns = useMemo(() => {
    const column = createColumnHelper<Transfer>();
    return [
      column.accessor('happened_time', { header: 'When', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.accessor('kind', { header: 'What' }),
      column.accessor('amount_micros', { header: 'Amount', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.accessor((one) => `${accountKind(one.debit_account)} → ${accountKind(one.credit_account)}`, { id: 'way', header: 'From → to' }),
      column.accessor('cause', { header: 'Cause' }),
    ];
  }, []);
  return (
    <DataTable
      label="Transfers" rows={transfers.rows} columns={columns} rowKey={(one) => String(one.transfer_id)} loading={transfers} more={transfers.more} maxHeight={380} first={25}
      empty={<Empty title="No transfer yet">Every movement of your money is listed here, once and for good.</Empty>}
    />
  );
}
