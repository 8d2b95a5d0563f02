import { Button, Group, Modal, Select, Stack } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { answer, exchange } from '../../api/client';
import { keys } from '../../api/keys';
import { useDeposits } from '../../api/money';
import { useParticipants } from '../../api/operate';
import { useDeed } from '../../api/own';
import { asProblem } from '../../api/problem';
import type { Deposit } from '../../api/types';
import { useSession } from '../../session/session';
import { DataTable } from '../../ui/DataTable';
import { Money, Time } from '../../ui/figures';
import { Panel } from '../../ui/Panel';
import { Empty, Message } from '../../ui/states';
import { newId } from '../../words/ids';
import { formatMoney } from '../../words/money';

/** Deposits that came without a reference that is known. */
export function UnmatchedPanel({ className }: { className: string | undefined }) {
  const deposits = useDeposits(true);
  const { has } = useSession();
  const operator = has('operator');
  const [assigning, setAssigning] = useState<Deposit | null>(null);
  const columns = useMemo(() => {
    const column = createColumnHelper<Deposit>();
    return [
      column.accessor('booked_time', { header: 'When', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.accessor('amount_micros', { header: 'Amount', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.accessor('rail_reference', { header: 'The bank calls it', cell: (cell) => cell.getValue() || '–' }),
      column.display({
        id: 'act',
        header: () => <span className="visually-hidden">Say whose it is</span>,
        cell: ({ row }) =>
          operator ? (
            <Button variant="default" size="compact-xs" aria-label={`Say whose ${formatMoney(row.original.amount_micros)} is`} onClick={() => setAssigning(row.original)}>
              Whose…
            </Button>
          ) : null,
      }),
    ];
  }, [operator]);
  return (
    <Panel title="Unmatched deposits" flush className={className}>
      <DataTable
        label="Unmatched deposits" rows={deposits.rows} columns={columns} rowKey={(one) => one.deposit_id} loading={deposits} more={deposits.more} maxHeight={420}
        empty={<Empty title="Every deposit has found its owner">Money without a known reference waits here until two operators say whose it is.</Empty>}
      />
      {assigning ? <Assign deposit={assigning} onClose={() => setAssigning(null)} /> : null}
    </Panel>
  );
}

function Assign({ deposit, onClose }: { deposit: Deposit; onClose: () => void }) {
  const participants = useParticipants();
  const [owner, setOwner] = useState<string | null>(null);
  const [requestId, setRequestId] = useState(newId);
  const propose = useDeed(
    (participant: string) =>
      answer(exchange.POST('/v1/proposals', { body: { request_id: requestId, assign_deposit: { deposit_id: deposit.deposit_id, participant_id: participant } } })),
    [keys.proposals, keys.audit],
  );
  const choices = (participants.data?.participants ?? []).filter((one) => !one.roles.includes('operator') && !one.roles.includes('auditor'));
  return (
    <Modal opened onClose={onClose} title={`Whose are ${formatMoney(deposit.amount_micros)}?`}>
      <Stack gap="sm">
        <Select
          label="Participant" searchable placeholder="Choose" value={owner} data={choices.map((one) => ({ value: one.participant_id, label: one.name }))}
          onChange={(value) => {
            setOwner(value);
            setRequestId(newId());
            propose.reset();
          }}
        />
        <p style={{ color: 'var(--ink-2)' }}>Another operator must approve it within 15 minutes; then it is booked.</p>
        {propose.error ? <Message tone="bad">{asProblem(propose.error).message}</Message> : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button loading={propose.isPending} disabled={!owner} onClick={() => owner && propose.mutate(owner, { onSuccess: onClose })}>
            Propose
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
