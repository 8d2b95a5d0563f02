import { Button } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import { Link, useParams } from 'wouter';
import { useRun, useRunRecord } from '../api/market';
import type { Problem, Run, Solution } from '../api/types';
import { PageTitle } from '../app/Shell';
import shell from '../app/shell.module.css';
import { DataTable } from '../ui/DataTable';
import { Facts, Money, Price, Stat, Stats, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty, Failed, Message, Waiting } from '../ui/states';
import { download } from '../words/bytes';
import { formatPpm } from '../words/money';
import { minute } from '../words/time';
import { LeftOutList } from './LeftOutList';
import styles from './market.module.css';
import { firstSlotOf, gapPpm, leftOutOf, soldIn, type Sold } from './record';

/** How a solver's last word reads. */
const stops: Record<string, string> = {
  done: 'done: nothing better was left to find', nodes: 'its budget of work was used up', clock: 'its time was up',
};

/** One run for everyone: its prices, what it left out, how good it is proven to be, and its record to check. */
export default function RunPage() {
  const { id } = useParams<{ id: string }>();
  const runId = /^\d{1,15}$/.test(id) ? Number(id) : null;
  const record = useRun(runId, false);
  if (runId === null) return <Empty title="There is no such run" action={<Link href="/market">To the market</Link>}>A run has a number.</Empty>;
  if (record.isError) return <Failed what={`Run ${runId}`} failure={record.error} retry={() => void record.refetch()} />;
  if (record.data?.run.run_id !== runId) return <Waiting height={400} />;
  const { run, problem, solution } = record.data;
  return (
    <>
      <PageTitle title={`Run ${run.run_id}`}>One clearing of the auction: one price for each market and slot, and a record that anyone can check.</PageTitle>
      <Stats label="The run">
        <Stat label="Closed" value={<Time at={run.closed_time} show="clock" />} sub={<Time at={run.closed_time} show="day" />} />
        <Stat label="Bids" value={run.bid_count} sub={`and ${run.offer_count} offers`} />
        <Stat label="Sold" value={`${run.lease_count} ${run.lease_count === 1 ? 'lease' : 'leases'}`} sub={run.cleared_time ? <>cleared <Time at={run.cleared_time} show="clock" /></> : 'not cleared'} />
        <Stat label="Welfare" value={<Money micros={run.welfare_micros} />} sub={<>bound <Money micros={run.bound_micros} /></>} />
        <Stat label="Gap" value={run.cleared_time ? formatPpm(gapPpm(run)) : '–'} sub={run.status ? `proven ${run.status}` : 'how far from the proven best'} />
        <Stat label="Left out" value={run.left_out_count} sub="blocks in the money that did not fit" />
      </Stats>
      <div className={shell.grid}>
        {problem && solution ? (
          <>
            <PricesPanel run={run} problem={problem} solution={solution} />
            <RecordPanel run={run} />
            <LeftOutPanel run={run} problem={problem} solution={solution} />
          </>
        ) : (
          <Panel title="Prices">
            <Empty title={run.cleared_time ? 'Nothing could trade' : 'It is not cleared'}>
              {run.cleared_time ? 'Bids or offers were missing; such a run has no record.' : 'It waits for its solution, or was given up; its bids stay open.'}
            </Empty>
          </Panel>
        )}
      </div>
    </>
  );
}

type RecordProps = { run: Run; problem: Problem; solution: Solution };

function PricesPanel({ run, problem, solution }: RecordProps) {
  const rows = useMemo(() => soldIn(problem, solution), [problem, solution]);
  const columns = useMemo(() => {
    const first = firstSlotOf(run, problem);
    const column = createColumnHelper<Sold>();
    return [
      column.accessor('market', { header: 'Market' }),
      column.accessor('slot', { header: 'Slot', cell: (cell) => <Time at={first + cell.getValue() * problem.slot_minutes * minute} /> }),
      column.accessor('price', { header: 'Price', meta: { right: true }, cell: (cell) => <Price micros={cell.getValue()} /> }),
      column.accessor('gpus', { header: 'GPUs', meta: { right: true } }),
    ];
  }, [run, problem]);
  return (
    <Panel title="Prices" note="one for all in a market and slot" className={shell.w6} flush>
      <DataTable
        label="Prices"
        rows={rows}
        columns={columns}
        rowKey={(sold) => `${sold.market} ${sold.slot}`}
        loading={{ isPending: false, isError: false, error: null, refetch: () => undefined }}
        first={40}
        maxHeight={520}
        empty={<Empty title="Nothing was sold">No bid met an offer at one price.</Empty>}
      />
    </Panel>
  );
}

function RecordPanel({ run }: { run: Run }) {
  const record = useRunRecord(run.run_id, true);
  return (
    <Panel title="Record" note="for anyone to check, without a key" className={shell.w6}>
      <Facts
        rows={[
          { name: 'Proven', value: run.status || 'not said' },
          { name: 'The solver stopped', value: run.stopped ? (stops[run.stopped] ?? run.stopped) : 'not said' },
          { name: 'Solved by', value: run.solver || 'not said' },
          { name: 'SHA-256', value: <code className={styles.hash}>{run.record_sha256 || 'not published'}</code> },
        ]}
      />
      {record.isError ? (
        <Failed what="The record" failure={record.error} retry={() => void record.refetch()} />
      ) : !record.data ? (
        <Waiting height={60} />
      ) : (
        <div className={styles.record}>
          <div className={styles.facts}>
            <Button variant="default" onClick={() => download(`run-${run.run_id}-problem.json`, record.data.problem)}>
              Download problem
            </Button>
            <Button variant="default" onClick={() => download(`run-${run.run_id}-solution.json`, record.data.solution)}>
              Download solution
            </Button>
          </div>
          {record.data.asPublished === null ? null : record.data.asPublished ? (
            <Message tone="good">The bytes served to this page have the published hash.</Message>
          ) : (
            <Message tone="bad">The bytes served to this page are not what was published: their hash is another.</Message>
          )}
          <p>Check every rule of the auction on your own machine:</p>
          <pre className={styles.command}>
            cx auction verify --run {run.run_id}
            {'\n'}cat run-{run.run_id}-problem.json run-{run.run_id}-solution.json | sha256sum
          </pre>
        </div>
      )}
    </Panel>
  );
}

function LeftOutPanel({ run, problem, solution }: RecordProps) {
  const left = useMemo(() => leftOutOf(problem, solution), [problem, solution]);
  return (
    <Panel title="Left out" note="in the money, but no whole fit">
      {left.length === 0 ? <p>Every block that was in the money was filled.</p> : <LeftOutList run={run} problem={problem} left={left} />}
    </Panel>
  );
}
