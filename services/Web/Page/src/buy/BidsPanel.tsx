import { Button, SegmentedControl } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useMarkets } from '../api/market';
import { useBids, useDeed } from '../api/own';
import type { Bid, BidVerdict } from '../api/types';
import { Confirm } from '../ui/Confirm';
import { DataTable } from '../ui/DataTable';
import { Money, Price, StateBadge, Window } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty, Message } from '../ui/states';
import { newId } from '../words/ids';
import { exactMoney, formatGpuHours } from '../words/money';
import { inBothZones, instantOf, minute } from '../words/time';

/** What a bid wants at most: a block its run, wherever it starts; a bid without an end has no such figure. */
function wantedGpuMinutes(bid: Bid, slotMinutes: number): number | null {
  if (bid.run_slot_count > 0) return bid.gpu_count * bid.run_slot_count * slotMinutes;
  return bid.to_time ? (bid.gpu_count * (instantOf(bid.to_time) - instantOf(bid.from_time))) / minute : null;
}

/** The buyer's bids: where they stand and why, and the way to take one back. */
export function BidsPanel() {
  const bids = useBids();
  const slotMinutes = useMarkets().data?.settings.slot_minutes ?? 60;
  const [which, setWhich] = useState('all');
  const [taking, setTaking] = useState<{ bid: Bid; requestId: string } | null>(null);
  const [said, setSaid] = useState('');
  const cancel = useDeed(
    ({ bid, requestId }: { bid: Bid; requestId: string }) =>
      answer(exchange.DELETE('/v1/bids/{bid_id}', { params: { path: { bid_id: bid.bid_id }, query: { request_id: requestId } } })),
    [keys.bids, keys.account],
  );
  const rows = useMemo(() => (which === 'open' ? bids.rows?.filter((bid) => bid.state === 'open') : bids.rows), [bids.rows, which]);
  const columns = useMemo(() => {
    const column = createColumnHelper<Bid>();
    return [
      column.accessor('bid_id', { header: 'Bid', cell: ({ row }) => <span title={`Placed ${inBothZones(instantOf(row.original.placed_time))}`}>{row.original.bid_id}</span> }),
      column.accessor('state', {
        header: 'State',
        cell: ({ row }) => (
          <>
            <StateBadge state={row.original.state} /> <Shortfall why={row.original.why} />
          </>
        ),
      }),
      column.accessor((bid) => bid.markets.join(', '), { id: 'market', header: 'Market' }),
      column.accessor('gpu_count', { header: 'GPUs', meta: { right: true }, cell: ({ row }) => `${row.original.gpu_count} ${row.original.kind}` }),
      column.accessor('from_time', { header: 'Window', cell: ({ row }) => <Window from={row.original.from_time} to={row.original.to_time} /> }),
      column.accessor('limit_micros_per_gpu_hour', { header: 'Limit', meta: { right: true }, cell: (cell) => <Price micros={cell.getValue()} /> }),
      column.accessor('filled_gpu_minutes', {
        header: 'Filled, GPU-h', meta: { right: true },
        cell: ({ row }) => {
          const wanted = wantedGpuMinutes(row.original, slotMinutes);
          const filled = formatGpuHours(row.original.filled_gpu_minutes);
          return wanted === null ? filled : `${filled} of ${formatGpuHours(wanted)}`;
        },
      }),
      column.accessor('cost_micros', { header: 'Cost', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.display({
        id: 'cancel',
        header: () => <span className="visually-hidden">Cancel</span>,
        cell: ({ row }) =>
          row.original.state === 'open' ? (
            <Button variant="default" size="compact-xs" aria-label={`Cancel bid ${row.original.bid_id}`} onClick={() => setTaking({ bid: row.original, requestId: newId() })}>
              Cancel
            </Button>
          ) : null,
      }),
    ];
  }, [slotMinutes]);

  return (
    <Panel
      title="My bids"
      flush
      tools={
        <SegmentedControl aria-label="Bids shown" value={which} onChange={setWhich} data={[{ value: 'all', label: 'All' }, { value: 'open', label: 'Open' }]} />
      }
    >
      {said ? (
        <div style={{ padding: 10 }}>
          <Message tone="good">{said}</Message>
        </div>
      ) : null}
      <DataTable
        label="Bids"
        rows={rows}
        columns={columns}
        rowKey={(bid) => String(bid.bid_id)}
        loading={bids}
        below={(bid) => [bid.where ? `Only nodes where ${bid.where}.` : '', bid.reason].filter(Boolean).join(' ')}
        more={which === 'all' ? bids.more : undefined}
        maxHeight={520}
        skeletonRows={8}
        empty={
          which === 'open' ? (
            <Empty title="No open bids">Everything was filled, cancelled or has expired. Place another at the left.</Empty>
          ) : (
            <Empty title="No bids yet">Say what you need at the left. The likely price is shown before anything counts.</Empty>
          )
        }
      />
      {taking ? (
        <Confirm
          opened
          danger
          title={`Cancel bid ${taking.bid.bid_id}?`}
          deed={`Cancel bid ${taking.bid.bid_id}`}
          working={cancel.isPending}
          failure={cancel.error}
          onClose={() => {
            setTaking(null);
            cancel.reset();
          }}
          onConfirm={() =>
            cancel.mutate(taking, {
              onSuccess: (done) => {
                setSaid(
                  done.pending
                    ? `Bid ${taking.bid.bid_id}: a run is clearing; the cancel takes effect when it ends.`
                    : `Bid ${taking.bid.bid_id} was cancelled.`,
                );
                setTaking(null);
              },
            })
          }
        >
          The unfilled part of {taking.bid.gpu_count} GPUs in {taking.bid.markets.join(', ')} is taken back and its money is free again. What was bought
          stays.
        </Confirm>
      ) : null}
    </Panel>
  );
}

/** By how much an open bid was outbid in the last run. */
function Shortfall({ why }: { why: BidVerdict | undefined }) {
  if (!why || why.outbid_by_micros_per_gpu_hour <= 0) return null;
  return (
    <span title={`A limit above ${exactMoney(why.needed_limit_micros_per_gpu_hour)} per GPU-hour was needed in run ${why.run_id}`}>
      {why.outcome === 'outbid' ? 'outbid by' : 'short by'} <Price micros={why.outbid_by_micros_per_gpu_hour} />
    </span>
  );
}
