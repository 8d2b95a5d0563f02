import { Button, SegmentedControl } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDeed, useNodes, useOffers } from '../api/own';
import type { Offer } from '../api/types';
import { Confirm } from '../ui/Confirm';
import { DataTable } from '../ui/DataTable';
import { Money, Price, StateBadge, Window } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty, Message } from '../ui/states';
import { newId, shortId } from '../words/ids';
import { formatGpuHours } from '../words/money';
import { inBothZones, instantOf, minute } from '../words/time';

const offeredGpuMinutes = (offer: Offer) => (offer.gpu_count * (instantOf(offer.to_time) - instantOf(offer.from_time))) / minute;

/** The provider's offers: how much of each was sold, and the way to take one back. */
export function OffersPanel() {
  const offers = useOffers();
  const nodes = useNodes();
  const [which, setWhich] = useState('all');
  const [taking, setTaking] = useState<{ offer: Offer; requestId: string } | null>(null);
  const [said, setSaid] = useState('');
  const cancel = useDeed(
    ({ offer, requestId }: { offer: Offer; requestId: string }) =>
      answer(exchange.DELETE('/v1/offers/{offer_id}', { params: { path: { offer_id: offer.offer_id }, query: { request_id: requestId } } })),
    [keys.offers, keys.account],
  );
  const rows = useMemo(() => (which === 'open' ? offers.rows?.filter((offer) => offer.state === 'open') : offers.rows), [offers.rows, which]);
  const columns = useMemo(() => {
    const names = new Map(nodes.data?.nodes.map((node) => [node.node_id, node.name]));
    const column = createColumnHelper<Offer>();
    return [
      column.accessor('offer_id', { header: 'Offer', cell: ({ row }) => <span title={`Placed ${inBothZones(instantOf(row.original.placed_time))}`}>{row.original.offer_id}</span> }),
      column.accessor('state', { header: 'State', cell: (cell) => <StateBadge state={cell.getValue()} /> }),
      column.accessor((offer) => names.get(offer.node_id) ?? shortId(offer.node_id), { id: 'node', header: 'Node', cell: ({ row, getValue }) => <span title={row.original.by_policy ? `${row.original.market}; listed by the node’s policy` : row.original.market}>{getValue()}{row.original.by_policy ? ', by policy' : ''}</span> }),
      column.accessor('gpu_count', { header: 'GPUs', meta: { right: true } }),
      column.accessor('from_time', { header: 'Window', cell: ({ row }) => <Window from={row.original.from_time} to={row.original.to_time} /> }),
      column.accessor('reserve_micros_per_gpu_hour', { header: 'Reserve', meta: { right: true }, cell: (cell) => <Price micros={cell.getValue()} /> }),
      column.accessor('prompt_reserve_micros_per_gpu_hour', { header: 'Prompt', meta: { right: true }, cell: (cell) => <Price micros={cell.getValue()} /> }),
      column.accessor('sold_gpu_minutes', {
        header: 'Sold, GPU-h', meta: { right: true },
        cell: ({ row }) => `${formatGpuHours(row.original.sold_gpu_minutes)} of ${formatGpuHours(offeredGpuMinutes(row.original))}`,
      }),
      column.accessor('proceeds_micros', { header: 'Brings', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.display({
        id: 'cancel',
        header: () => <span className="visually-hidden">Cancel</span>,
        cell: ({ row }) =>
          row.original.state === 'open' ? (
            <Button variant="default" size="compact-xs" aria-label={`Cancel offer ${row.original.offer_id}`} onClick={() => setTaking({ offer: row.original, requestId: newId() })}>
              Cancel
            </Button>
          ) : null,
      }),
    ];
  }, [nodes.data]);

  return (
    <Panel
      title="My offers"
      flush
      tools={<SegmentedControl aria-label="Offers shown" value={which} onChange={setWhich} data={[{ value: 'all', label: 'All' }, { value: 'open', label: 'Open' }]} />}
    >
      {said ? (
        <div style={{ padding: 10 }}>
          <Message tone="good">{said}</Message>
        </div>
      ) : null}
      <DataTable
        label="Offers"
        rows={rows}
        columns={columns}
        rowKey={(offer) => String(offer.offer_id)}
        loading={offers}
        more={which === 'all' ? offers.more : undefined}
        maxHeight={480}
        skeletonRows={8}
        empty={
          which === 'open' ? (
            <Empty title="Nothing is on offer">Your GPUs earn only while they are offered. Place an offer at the left.</Empty>
          ) : (
            <Empty title="No offers yet">Offer a node&rsquo;s idle hours with the least you would take; the auction finds the price.</Empty>
          )
        }
      />
      {taking ? (
        <Confirm
          opened
          danger
          title={`Cancel offer ${taking.offer.offer_id}?`}
          deed={`Cancel offer ${taking.offer.offer_id}`}
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
                    ? `Offer ${taking.offer.offer_id}: a run is clearing; the cancel takes effect when it ends.`
                    : `Offer ${taking.offer.offer_id} was cancelled.`,
                );
                setTaking(null);
              },
            })
          }
        >
          The unsold hours of {taking.offer.gpu_count} GPUs in {taking.offer.market} are taken back and their bond is free again. What was sold must still be
          delivered.
        </Confirm>
      ) : null}
    </Panel>
  );
}
