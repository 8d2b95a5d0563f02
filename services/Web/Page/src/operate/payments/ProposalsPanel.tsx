import { Button } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { answer, exchange } from '../../api/client';
import { keys } from '../../api/keys';
import { useProposals } from '../../api/money';
import { useParticipants } from '../../api/operate';
import { useDeed } from '../../api/own';
import type { PaymentLimits, Proposal } from '../../api/types';
import { useSession } from '../../session/session';
import { Confirm } from '../../ui/Confirm';
import { DataTable } from '../../ui/DataTable';
import { Countdown, StateBadge, Time } from '../../ui/figures';
import { Panel } from '../../ui/Panel';
import { Empty } from '../../ui/states';
import ui from '../../ui/ui.module.css';
import { instantOf } from '../../words/time';
import { LimitsDialog } from './LimitsDialog';
import { inWords } from './parameters';

/** What one operator proposes and another approves, exactly as it stands. */
export function ProposalsPanel({ limits, className }: { limits: PaymentLimits | undefined; className: string | undefined }) {
  const proposals = useProposals();
  const participants = useParticipants();
  const { session, has } = useSession();
  const operator = has('operator');
  const [approving, setApproving] = useState<Proposal | null>(null);
  const [limiting, setLimiting] = useState(false);
  const names = useMemo(() => new Map(participants.data?.participants.map((one) => [one.participant_id, one.name])), [participants.data]);
  const approve = useDeed(
    (proposal: Proposal) =>
      answer(exchange.POST('/v1/proposals/{proposal_id}/approve', { params: { path: { proposal_id: proposal.proposal_id } }, body: { hash: proposal.hash } })),
    [keys.proposals, keys.payments, keys.deposits, keys.trialBalance, keys.audit],
  );
  const columns = useMemo(() => {
    const column = createColumnHelper<Proposal>();
    return [
      column.accessor('proposed_time', { header: 'Proposed', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.accessor('kind', { header: 'What', cell: (cell) => <strong>{cell.getValue()}</strong> }),
      column.accessor((one) => (one.proposed_by === session.participant_id ? 'you' : (names.get(one.proposed_by) ?? one.proposed_by)), { id: 'by', header: 'By' }),
      column.accessor('state', {
        header: 'State',
        cell: ({ row }) => (row.original.state === 'open' ? <>open, <Countdown to={instantOf(row.original.expires_time)} /> left</> : <StateBadge state={row.original.state} />),
      }),
      column.display({
        id: 'act',
        header: () => <span className="visually-hidden">Approve</span>,
        cell: ({ row }) =>
          operator && row.original.state === 'open' ? (
            <Button
              size="compact-xs" aria-label={`Approve: ${row.original.kind}`} disabled={row.original.proposed_by === session.participant_id}
              title={row.original.proposed_by === session.participant_id ? 'Another operator must approve it.' : undefined} onClick={() => setApproving(row.original)}
            >
              Approve
            </Button>
          ) : null,
      }),
    ];
  }, [names, operator, session.participant_id]);
  const close = () => {
    setApproving(null);
    approve.reset();
  };
  return (
    <Panel
      title="Proposals" note="one operator proposes, another approves within 15 minutes" flush className={className}
      tools={
        operator && limits ? (
          <Button variant="default" onClick={() => setLimiting(true)}>
            Propose limits…
          </Button>
        ) : null
      }
    >
      <DataTable
        label="Proposals" rows={proposals.rows} columns={columns} rowKey={(one) => one.proposal_id} loading={proposals} more={proposals.more} maxHeight={420}
        below={(one) => inWords(one.parameters, names)}
        empty={<Empty title="Nothing was proposed yet">Limits, corrections, fees, taxes, whose a deposit is, and resuming after a halt are proposed first.</Empty>}
      />
      {limiting && limits ? <LimitsDialog now={limits} onClose={() => setLimiting(false)} /> : null}
      {approving ? (
        <Confirm
          opened title={`Approve: ${approving.kind}?`} deed="Approve" working={approve.isPending} failure={approve.error} onClose={close} onConfirm={() => approve.mutate(approving, { onSuccess: close })}
        >
          <p>{inWords(approving.parameters, names)}</p>
          <p style={{ color: 'var(--ink-2)' }}>
            Proposed by {names.get(approving.proposed_by) ?? approving.proposed_by}. It takes effect at once. Hash <span className={ui.mono}>{approving.hash.slice(0, 16)}…</span>
          </p>
        </Confirm>
      ) : null}
    </Panel>
  );
}
