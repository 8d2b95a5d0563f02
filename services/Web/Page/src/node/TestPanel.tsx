import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import type { NodeTest } from '../api/types';
import { DataTable } from '../ui/DataTable';
import { Badge, Facts, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import styles from '../ui/form.module.css';
import { formatBytes, formatOperations, formatRate } from '../words/units';

type Figures = NonNullable<NodeTest['report']>['gpus'][number];

const occasions: Record<string, string> = { enrolment: 'after it was enrolled', periodic: 'as from time to time', asked: 'because it was asked for', dispute: 'for a dispute' };

const loaded = { isPending: false, isError: false, error: null, refetch: () => undefined };

/** The last self-test: what was found, held against the norms of the class. */
export function TestPanel({ test, className }: { test: NodeTest | undefined; className: string | undefined }) {
  return (
    <Panel title="Last self-test" note={test ? occasions[test.occasion] : undefined} className={className}>
      {test ? <TestResult test={test} /> : <Empty title="None yet">The first is made right after the node is enrolled; a node is verified once it has passed.</Empty>}
    </Panel>
  );
}

/** A self-test: whether it passed, one sentence a figure, and the figures. */
export function TestResult({ test }: { test: NodeTest }) {
  const { report } = test;
  const columns = useMemo(() => {
    const column = createColumnHelper<Figures>();
    return [
      column.accessor('gpu_index', { header: 'GPU' }),
      column.accessor('memory_bytes', { header: 'Memory read back', meta: { right: true }, cell: (cell) => formatBytes(cell.getValue()) }),
      column.accessor('memory_bytes_per_second', { header: 'Memory speed', meta: { right: true }, cell: (cell) => formatRate(cell.getValue()) }),
      column.accessor('host_bytes_per_second', { header: 'From host', meta: { right: true }, cell: (cell) => formatRate(cell.getValue()) }),
      column.accessor('operations_per_second', { header: 'Compute, op/s', meta: { right: true }, cell: (cell) => formatOperations(cell.getValue()) }),
    ];
  }, []);
  return (
    <div className={styles.form}>
      <p>
        {test.done_time ? (
          <>
            <Badge tone={test.passed ? 'good' : 'bad'}>{test.passed ? 'passed' : 'failed'}</Badge> <Time at={test.done_time} />
          </>
        ) : (
          <>
            <Badge tone="lively">waiting</Badge> asked for <Time at={test.asked_time} />; it is made as soon as GPUs are free
          </>
        )}
      </p>
      {test.findings.length ? (
        <ul className={styles.say} aria-label="Findings">
          {test.findings.map((finding) => (
            <li key={finding}>{finding}</li>
          ))}
        </ul>
      ) : null}
      {report?.failure ? <p>It could not be made: {report.failure}</p> : null}
      {report?.gpus.length ? (
        <DataTable label="Figures of the test" rows={report.gpus} columns={columns} rowKey={(gpu) => String(gpu.gpu_index)} loading={loaded} first={16} maxHeight={300} below={(gpu) => gpu.failure} empty={null} />
      ) : null}
      {report && !report.failure ? (
        <Facts
          rows={[
            { name: 'Disk, write and read', value: `${formatRate(report.disk_write_bytes_per_second)}, ${formatRate(report.disk_read_bytes_per_second)}` },
            { name: 'To the exchange', value: `${(report.exchange_round_trip_micros / 1_000).toFixed(1)} ms there and back${report.exchange_bytes_per_second ? `, ${formatRate(report.exchange_bytes_per_second)}` : ''}` },
          ]}
        />
      ) : null}
    </div>
  );
}
