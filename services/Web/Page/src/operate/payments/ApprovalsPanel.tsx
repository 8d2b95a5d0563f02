import { Button, Group, TextInput } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { answer, exchange } from '../../api/client';
import { keys } from '../../api/keys';
import { useWithdrawals } from '../../api/money';
import { useParticipants } from '../../api/operate';
import { useDeed } from '../../api/own';
import type { Withdrawal } from '../../api/types';
import { useSession } from '../../session/session';
import { Confirm } from '../../ui/Confirm';
import { DataTable } from '../../ui/DataTable';
import { Money, Time } from '../../ui/figures';
import { Panel } from '../../ui/Panel';
import { Empty } from '../../ui/states';
import { exactMoney, formatMoney } from '../../words/money';

type Asking = { withdrawal: Withdrawal; deed: 'approve' | 'reject' };

/** Withdrawals so large that two operators must let them go. */
export function ApprovalsPanel() {
  const queue = useWithdrawals(true);
  const participants = useParticipants();
  const { session, has } = useSession();
  const operator = has('operator');
  const [asking, setAsking] = useState<Asking | null>(null);
  const [reason, setReason] = useState('');
  const names = useMemo(() => new Map(participants.data?.participants.map((one) => [one.participant_id, one.name])), [participants.data]);
  const decide = useDeed(
    async ({ withdrawal, deed }: Asking) => {
      const params = { path: { withdrawal_id: withdrawal.withdrawal_id } };
      await (deed === 'approve'
        ? answer(exchange.POST('/v1/withdrawals/{withdrawal_id}/approve', { params, body: { amount_micros: withdrawal.amount_micros } }))
        : answer(exchange.POST('/v1/withdrawals/{withdrawal_id}/reject', { params, body: { reason } })));
    },
    [keys.withdrawals, keys.payments, keys.audit],
  );
  const columns = useMemo(() => {
    const column = createColumnHelper<Withdrawal>();
    return [
      column.accessor('requested_time', { header: 'Asked', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.accessor((one) => names.get(one.participant_id) ?? one.participant_id, { id: 'who', header: 'Who', cell: (cell) => <strong>{cell.getValue()}</strong> }),
      column.accessor('amount_micros', { header: 'Amount', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.accessor((one) => one.approved_by.map((id) => (id === session.participant_id ? 'you' : (names.get(id) ?? id))).join(', ') || 'nobody yet', { id: 'approved', header: 'Approved by' }),
      column.display({
        id: 'act',
        header: () => <span className="visually-hidden">Approve or reject</span>,
        cell: ({ row }) => {
          const withdrawal = row.original;
          const whose = `${formatMoney(withdrawal.amount_micros)} of ${names.get(withdrawal.participant_id) ?? 'a participant'}`;
          return operator ? (
            <Group gap={4} wrap="nowrap">
              <Button
                size="compact-xs" aria-label={`Approve ${whose}`} disabled={withdrawal.approved_by.includes(session.participant_id ?? '')}
                onClick={() => setAsking({ withdrawal, deed: 'approve' })}
              >
                Approve
              </Button>
              <Button variant="default" size="compact-xs" aria-label={`Reject ${whose}`} onClick={() => setAsking({ withdrawal, deed: 'reject' })}>
                Reject
              </Button>
            </Group>
          ) : null;
        },
      }),
    ];
  }, [names, operator, session.participant_id]);
  const close = () => {
    setAsking(null);
    setReason('');
    decide.reset();
  };
  return (
    <Panel title="Withdrawals to approve" note="two different operators must" flush>
      <DataTable
        label="Withdrawals to approve" rows={queue.rows} columns={columns} rowKey={(one) => one.withdrawal_id} loading={queue} more={queue.more} maxHeight={380}
        below={(one) => one.explanation}
        empty={<Empty title="Nothing waits for you">Withdrawals above the limit appear here before they leave.</Empty>}
      />
      {asking ? (
        <Confirm
          opened danger={asking.deed === 'reject'} working={decide.isPending} failure={decide.error} onClose={close} onConfirm={() => decide.mutate(asking, { onSuccess: close })}
          title={`${asking.deed === 'approve' ? 'Approve' : 'Reject'} ${formatMoney(asking.withdrawal.amount_micros)}?`} deed={asking.deed === 'approve' ? 'Approve' : 'Reject'}
        >
          <p>
            {exactMoney(asking.withdrawal.amount_micros)} of <strong>{names.get(asking.withdrawal.participant_id) ?? asking.withdrawal.participant_id}</strong>.{' '}
            {asking.deed === 'approve'
              ? asking.withdrawal.approved_by.length ? 'You are the second: it leaves with the next payments.' : 'A second operator must approve it too.'
              : 'The money goes back to trading, and the participant reads your reason.'}
          </p>
          {asking.deed === 'reject' ? <TextInput mt="sm" label="Reason" required maxLength={200} value={reason} onChange={(event) => setReason(event.currentTarget.value)} /> : null}
        </Confirm>
      ) : null}
    </Panel>
  );
}
