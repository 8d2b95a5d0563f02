import { Button, CopyButton } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import { useDeposits, useInstructions } from '../api/money';
import type { Deposit } from '../api/types';
import { DataTable } from '../ui/DataTable';
import { Money, StateBadge, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import ui from '../ui/ui.module.css';

/** What was paid in, and the reference under which it is known whose it is. */
export function DepositsPanel({ className }: { className: string | undefined }) {
  const deposits = useDeposits();
  const reference = useInstructions().data?.reference;
  const columns = useMemo(() => {
    const column = createColumnHelper<Deposit>();
    return [
      column.accessor('booked_time', { header: 'When', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.accessor('amount_micros', { header: 'Amount', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.accessor('state', { header: 'State', cell: (cell) => <StateBadge state={cell.getValue()} /> }),
      column.accessor('rail', { header: 'Over' }),
    ];
  }, []);
  return (
    <Panel
      title="Deposits"
      note={reference ? <>name <span className={ui.mono}>{reference}</span> in the transfer</> : undefined}
      tools={
        reference ? (
          <CopyButton value={reference}>
            {({ copied, copy }) => (
              <Button variant="default" size="compact-xs" onClick={copy}>
                {copied ? 'Copied' : 'Copy the reference'}
              </Button>
            )}
          </CopyButton>
        ) : null
      }
      flush
      className={className}
    >
      <DataTable
        label="Deposits" rows={deposits.rows} columns={columns} rowKey={(one) => one.deposit_id} loading={deposits} more={deposits.more} maxHeight={380}
        empty={<Empty title="Nothing was paid in yet">{reference ? `Send money from your bank and name ${reference} in the transfer.` : 'What you pay in appears here.'}</Empty>}
      />
    </Panel>
  );
}
