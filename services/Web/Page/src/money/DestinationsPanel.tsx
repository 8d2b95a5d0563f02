import { Button } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDestinations, useInstructions } from '../api/money';
import { useDeed } from '../api/own';
import type { Destination } from '../api/types';
import { Confirm } from '../ui/Confirm';
import { DataTable } from '../ui/DataTable';
import { StateBadge, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import { duration, minute } from '../words/time';
import { DestinationDialog } from './DestinationDialog';
import { nameOf, schemes } from './destination';

/** The bank accounts to which money may be paid out. */
export function DestinationsPanel() {
  const list = useDestinations();
  const cooling = useInstructions().data?.limits.cooling_minutes;
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Destination | null>(null);
  const remove = useDeed(
    (id: string) => answer(exchange.DELETE('/v1/payment-destinations/{destination_id}', { params: { path: { destination_id: id } } })),
    [keys.destinations],
  );
  const columns = useMemo(() => {
    const column = createColumnHelper<Destination>();
    return [
      column.accessor('label', { header: 'Label', cell: (cell) => <strong>{cell.getValue() || '–'}</strong> }),
      column.accessor('account', { header: 'Account', cell: (cell) => cell.getValue() || 'forgotten' }),
      column.accessor((one) => schemes[one.scheme], { id: 'scheme', header: 'Kind' }),
      column.accessor('holder', { header: 'Holder' }),
      column.accessor('state', { header: 'State', cell: (cell) => <StateBadge state={cell.getValue()} /> }),
      column.accessor('added_time', { header: 'Added', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.display({
        id: 'act',
        header: () => <span className="visually-hidden">Remove</span>,
        cell: ({ row }) =>
          row.original.state === 'active' ? (
            <Button variant="default" size="compact-xs" aria-label={`Remove ${nameOf(row.original)}`} onClick={() => setRemoving(row.original)}>
              Remove
            </Button>
          ) : null,
      }),
    ];
  }, []);
  const close = () => {
    setRemoving(null);
    remove.reset();
  };
  return (
    <Panel
      title="Bank accounts" note={cooling ? `a new one waits ${duration(cooling * minute)} before it can be paid to` : undefined} flush
      tools={<Button onClick={() => setAdding(true)}>Add a bank account</Button>}
    >
      <DataTable
        label="Bank accounts" rows={list.data?.destinations} columns={columns} rowKey={(one) => one.destination_id} loading={list} first={25}
        empty={<Empty title="No bank account yet">Money leaves the exchange only to an account that you name here.</Empty>}
      />
      {adding ? <DestinationDialog onClose={() => setAdding(false)} /> : null}
      {removing ? (
        <Confirm
          opened danger title={`Remove ${nameOf(removing)}?`} deed="Remove it" working={remove.isPending} failure={remove.error} onClose={close}
          onConfirm={() => remove.mutate(removing.destination_id, { onSuccess: close })}
        >
          Nothing is paid to this account any more, withdrawals that wait for it included. It cannot be taken back; the same account can be added anew.
        </Confirm>
      ) : null}
    </Panel>
  );
}
