import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, type ReactNode } from 'react';
import { Link } from 'wouter';
import type { Lease } from '../api/types';
import { deliveryOf } from '../words/delivery';
import { formatGpuHours } from '../words/money';
import { phaseTones, shortReasons } from '../words/phases';
import { DataTable, type Loading } from './DataTable';
import { Badge, Money, Price, StateBadge, Time, Window } from './figures';
import bars from './ui.module.css';

type LeaseTableProps = {
  rows: Lease[] | undefined;
  loading: Loading;
  more?: { has: boolean; load: () => void; loading: boolean };
  /** What a lease cost and its mean price, where that is known. */
  costOf?: (lease: Lease) => { cost: number; price: number } | undefined;
  nodeName?: (lease: Lease) => string;
  empty: ReactNode;
};

/** Leases with what was delivered of them; opened, a lease shows every slot. */
export function LeaseTable({ rows, loading, more, costOf, nodeName, empty }: LeaseTableProps) {
  const columns = useMemo(() => {
    const column = createColumnHelper<Lease>();
    return [
      column.accessor('lease_id', { header: 'Lease', cell: (cell) => <Link href={`/leases/${cell.getValue()}`}>{cell.getValue()}</Link> }),
      column.accessor('state', { header: 'State', cell: ({ row }) => <Standing lease={row.original} /> }),
      column.accessor('market', { header: 'Market' }),
      ...(nodeName ? [column.accessor((lease) => nodeName(lease), { id: 'node', header: 'Node' })] : []),
      column.accessor('gpu_count', { header: 'GPUs', meta: { right: true } }),
      column.accessor('from_time', { header: 'Delivery', cell: ({ row }) => <Window from={row.original.from_time} to={row.original.to_time} /> }),
      column.accessor((lease) => deliveryOf(lease).missing, { id: 'delivered', header: 'Delivered, GPU-h', cell: ({ row }) => <Delivered lease={row.original} /> }),
      ...(costOf
        ? [
            column.accessor((lease) => costOf(lease)?.price ?? 0, {
              id: 'price', header: 'Price', meta: { right: true }, cell: ({ row }) => <Price micros={costOf(row.original)?.price} />,
            }),
            column.accessor((lease) => costOf(lease)?.cost ?? 0, {
              id: 'cost', header: 'Cost', meta: { right: true },
              cell: ({ row }) => {
                const known = costOf(row.original);
                return known ? <Money micros={known.cost} /> : '–';
              },
            }),
          ]
        : []),
    ];
  }, [costOf, nodeName]);
  return (
    <DataTable
      label="Leases"
      rows={rows}
      columns={columns}
      rowKey={(lease) => String(lease.lease_id)}
      loading={loading}
      more={more}
      maxHeight={520}
      detail={(lease) => <Slots lease={lease} />}
      detailLabel={(lease) => `Details of lease ${lease.lease_id}`}
      empty={empty}
    />
  );
}

/** Where a lease stands; on a node with an agent, where its delivery does. */
function Standing({ lease }: { lease: Lease }) {
  if (lease.phase === 'unspecified') return <StateBadge state={lease.state} />;
  const why = shortReasons[lease.close_reason];
  return (
    <>
      <Badge tone={phaseTones[lease.phase]}>{lease.phase}</Badge>
      {why ? `, ${why}` : null}
    </>
  );
}

function Delivered({ lease }: { lease: Lease }) {
  const { sold, delivered, missing } = deliveryOf(lease);
  return (
    <>
      <span className={bars.meter} aria-hidden>
        <span className={missing > 0 ? bars.short : undefined} style={{ width: `${sold ? (100 * delivered) / sold : 0}%` }} />
      </span>
      {formatGpuHours(delivered / 60)} of {formatGpuHours(sold / 60)}{' '}
      {missing > 0 ? <Badge tone="bad">{formatGpuHours(missing / 60)} missing</Badge> : null}
    </>
  );
}

function Slots({ lease }: { lease: Lease }) {
  return (
    <ul style={{ paddingLeft: 18, columns: '34ch' }} aria-label={`Slots of lease ${lease.lease_id}`}>
      {lease.meters.map((meter) => (
        <li key={meter.slot_index}>
          <Time at={meter.from_time} />:{' '}
          {!meter.metered
            ? 'not metered yet'
            : meter.delivered_gpu_seconds >= meter.sold_gpu_seconds
              ? 'delivered whole'
              : `${formatGpuHours(meter.delivered_gpu_seconds / 60)} of ${formatGpuHours(meter.sold_gpu_seconds / 60)} GPU-h delivered; the rest was paid back`}
        </li>
      ))}
    </ul>
  );
}
