import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { useRun, useRuns } from '../api/market';
import type { Run } from '../api/types';
import { DataTable } from '../ui/DataTable';
import { Badge, Money, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Bone, Empty, Failed } from '../ui/states';
import { formatPpm } from '../words/money';
import { LeftOutList } from './LeftOutList';
import styles from './market.module.css';
import { gapPpm, leftOutOf } from './record';

/** The last runs: what was sold, how near the best it is proven to be, and what was left out. */
export function RunsPanel({ className, count = 20 }: { className?: string | undefined; count?: number }) {
  const runs = useRuns(count);
  const columns = useMemo(() => {
    const column = createColumnHelper<Run>();
    return [
      column.accessor('run_id', { header: 'Run', cell: (cell) => <Link href={`/runs/${cell.getValue()}`}>#{cell.getValue()}</Link> }),
      column.accessor('closed_time', { header: 'Closed', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.accessor('bid_count', { header: 'Bids', meta: { right: true } }),
      column.accessor('offer_count', { header: 'Offers', meta: { right: true } }),
      column.accessor('lease_count', { header: 'Leases', meta: { right: true } }),
      column.accessor('welfare_micros', { header: 'Welfare', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.accessor((run) => gapPpm(run), {
        id: 'gap', header: 'Gap', meta: { right: true },
        cell: ({ row, getValue }) => (row.original.cleared_time ? formatPpm(getValue()) : <Badge tone="lively">clearing</Badge>),
      }),
      column.accessor('left_out_count', { header: 'Left out', meta: { right: true } }),
    ];
  }, []);
  return (
    <Panel title="Last runs" note="gap: how far from the proven best" className={className} flush>
      <DataTable
        label="Runs"
        rows={runs.data?.runs}
        columns={columns}
        rowKey={(run) => String(run.run_id)}
        loading={runs}
        first={10}
        maxHeight={420}
        skeletonRows={10}
        detail={(run) => <RunDetail run={run} />}
        detailLabel={(run) => `Details of run ${run.run_id}`}
        empty={<Empty title="No run yet">The first one is on its way; the countdown is at the top.</Empty>}
      />
    </Panel>
  );
}

function RunDetail({ run }: { run: Run }) {
  const record = useRun(run.run_id, run.cleared_time !== undefined);
  if (record.isError) return <Failed what={`Run ${run.run_id}`} failure={record.error} retry={() => void record.refetch()} />;
  if (record.data?.run.run_id !== run.run_id) return <Bone width="40ch" />;
  const { problem, solution } = record.data;
  if (!problem) return <p>Nothing could trade: bids or offers were missing.</p>;
  if (!solution) return <p>{run.cleared_time ? 'Nothing could trade.' : 'It waits for its solution, or was given up; its bids stay open.'}</p>;
  const left = leftOutOf(problem, solution);
  return (
    <>
      <div className={styles.facts}>
        <span>
          Solution: <strong>{solution.status}</strong>
        </span>
        <span>
          Welfare <Money micros={run.welfare_micros} />, bound <Money micros={run.bound_micros} />
        </span>
        <span>
          {solution.fills.length} fills in {problem.markets.length} markets
        </span>
        <Link href={`/runs/${run.run_id}`}>Prices and record</Link>
      </div>
      {left.length === 0 ? (
        <p>Every block that was in the money was filled.</p>
      ) : (
        <LeftOutList run={run} problem={problem} left={left} />
      )}
    </>
  );
}
