import { Button, Group, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useCallback, useMemo, useState } from 'react';
import { answer, exchange } from '../api/client';
import { useDisputes } from '../api/delivery';
import { keys } from '../api/keys';
import { useParticipants } from '../api/operate';
import { useDeed } from '../api/own';
import { asProblem, sortComplaints } from '../api/problem';
import type { Dispute, DisputeState } from '../api/types';
import { disputeColumns } from '../disputes/DisputesPanel';
import { DisputeView } from '../disputes/DisputeView';
import { gpuHours } from '../lease/meters';
import { useSession } from '../session/session';
import { Confirm } from '../ui/Confirm';
import { DataTable } from '../ui/DataTable';
import { FormDialog } from '../ui/FormDialog';
import { Panel } from '../ui/Panel';
import { Empty, Message } from '../ui/states';
import { shortId } from '../words/ids';

const noDisputes: Record<string, { title: string; text: string }> = {
  open: { title: 'No open dispute', text: 'Buyers may dispute a slot within 48 hours of its end; it then appears here with both records.' },
  proposed: { title: 'Nothing waits for a second operator', text: 'A decision that one operator proposed appears here, for another to approve.' },
};

/** What buyers dispute: both records side by side; one operator proposes a decision, another approves it. */
export function DisputesPanel() {
  const [state, setState] = useState<DisputeState>('unspecified');
  const disputes = useDisputes(state);
  const participants = useParticipants();
  const { session, has } = useSession();
  const operator = has('operator');
  const [proposing, setProposing] = useState<Dispute | null>(null);
  const [approving, setApproving] = useState<Dispute | null>(null);
  const names = useMemo(() => new Map(participants.data?.participants.map((one) => [one.participant_id, one.name])), [participants.data]);
  const nameOf = useCallback((id: string) => (id === session.participant_id ? 'you' : (names.get(id) ?? shortId(id))), [names, session.participant_id]);
  const approve = useDeed(
    (dispute: Dispute) =>
      answer(
        exchange.POST('/v1/disputes/{dispute_id}/approve', { params: { path: { dispute_id: dispute.dispute_id } }, body: { delivered_gpu_seconds: dispute.delivered_gpu_seconds } }),
      ),
    [keys.disputes, keys.audit],
  );
  const columns = useMemo(() => {
    const column = createColumnHelper<Dispute>();
    return [
      ...disputeColumns(),
      column.accessor((one) => nameOf(one.buyer_id), { id: 'buyer', header: 'Buyer' }),
      column.accessor((one) => nameOf(one.provider_id), { id: 'provider', header: 'Provider' }),
    ];
  }, [nameOf]);
  const close = () => {
    setApproving(null);
    approve.reset();
  };
  const deedsOf = (dispute: Dispute) => {
    if (!operator || dispute.state === 'decided') return null;
    const mine = dispute.state === 'proposed' && dispute.proposed_by === session.participant_id;
    return (
      <Group gap={6}>
        <Button variant={dispute.state === 'open' ? 'filled' : 'default'} onClick={() => setProposing(dispute)}>
          {dispute.state === 'open' ? 'Propose a decision…' : 'Propose another…'}
        </Button>
        {dispute.state === 'proposed' ? (
          <Button disabled={mine} title={mine ? 'Another operator must approve it.' : undefined} onClick={() => setApproving(dispute)}>
            Approve…
          </Button>
        ) : null}
        <Retest dispute={dispute} />
      </Group>
    );
  };
  const none = noDisputes[state];
  return (
    <Panel
      title="Disputes" note="one operator proposes, another approves" flush
      tools={
        <SegmentedControl
          aria-label="Disputes shown" value={state} onChange={setState}
          data={[{ value: 'unspecified', label: 'All' }, { value: 'open', label: 'Open' }, { value: 'proposed', label: 'Proposed' }, { value: 'decided', label: 'Decided' }]}
        />
      }
    >
      <DataTable
        label="Disputes" rows={disputes.data} columns={columns} rowKey={(one) => one.dispute_id} loading={disputes} first={50}
        detail={(one) => <DisputeView dispute={one} nameOf={nameOf} deeds={deedsOf(one)} />} detailLabel={(one) => `Details of the dispute of lease ${one.lease_id}`}
        empty={<Empty title={none?.title ?? 'No dispute'}>{none?.text ?? 'What buyers dispute appears here, with both sides’ records.'}</Empty>}
      />
      {proposing ? <ProposeDialog dispute={proposing} onClose={() => setProposing(null)} /> : null}
      {approving ? (
        <Confirm opened title="Approve this decision?" deed="Approve" working={approve.isPending} failure={approve.error} onClose={close} onConfirm={() => approve.mutate(approving, { onSuccess: close })}>
          <p>
            <strong>
              {gpuHours(approving.delivered_gpu_seconds)}
              {approving.meter ? ` of ${gpuHours(approving.meter.sold_gpu_seconds)}` : ''} GPU-hours were delivered.
            </strong>{' '}
            {approving.reason}
          </p>
          <p>Proposed by {nameOf(approving.proposed_by)}. The money follows at once and cannot be called back.</p>
        </Confirm>
      ) : null}
    </Panel>
  );
}

/** Has the node of a dispute tested again. */
function Retest({ dispute }: { dispute: Dispute }) {
  const again = useDeed(
    async () => {
      const { delivery } = await answer(exchange.GET('/v1/leases/{lease_id}/delivery', { params: { path: { lease_id: dispute.lease_id } } }));
      return answer(exchange.POST('/v1/nodes/{node_id}/tests', { params: { path: { node_id: delivery.node_id } }, body: {} }));
    },
    [keys.disputes, keys.nodes],
  );
  return (
    <>
      <Button variant="default" loading={again.isPending} onClick={() => again.mutate(undefined)}>
        Test the node again
      </Button>
      {again.isError ? <Message tone="bad">{asProblem(again.error).message}</Message> : null}
      {again.isSuccess ? <Message tone="good">The test was asked for; it is made as soon as GPUs of the node are free.</Message> : null}
    </>
  );
}

function ProposeDialog({ dispute, onClose }: { dispute: Dispute; onClose: () => void }) {
  const sold = dispute.meter?.sold_gpu_seconds;
  const [text, setText] = useState(String(dispute.state === 'proposed' ? dispute.delivered_gpu_seconds : dispute.claimed_gpu_seconds));
  const [reason, setReason] = useState('');
  const [checked, setChecked] = useState(false);
  const seconds = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  const wrong = seconds >= 0 && (sold === undefined || seconds <= sold) ? '' : `A whole number from 0 to ${sold ?? 'what was sold'}.`;
  const propose = useDeed(
    () => answer(exchange.POST('/v1/disputes/{dispute_id}/propose', { params: { path: { dispute_id: dispute.dispute_id } }, body: { delivered_gpu_seconds: seconds, reason } })),
    [keys.disputes, keys.audit],
  );
  const complaints = sortComplaints(propose.error, ['delivered_gpu_seconds', 'reason']);
  return (
    <FormDialog
      title={`Propose what was delivered on lease ${dispute.lease_id}`} deed="Propose" working={propose.isPending} rest={complaints.rest} disabled={!reason.trim()} onClose={onClose}
      onSubmit={() => {
        setChecked(true);
        if (!wrong) propose.mutate(undefined, { onSuccess: onClose });
      }}
    >
      <TextInput
        label="Delivered, GPU-seconds" inputMode="numeric" data-autofocus value={text} error={(checked && wrong) || complaints.fields.delivered_gpu_seconds}
        description={`${Number.isNaN(seconds) ? '' : `${gpuHours(seconds)} GPU-hours. `}${sold === undefined ? '' : `Sold: ${sold}; counted until now: ${dispute.meter?.delivered_gpu_seconds ?? 0}; the buyer says ${dispute.claimed_gpu_seconds}.`}`}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Textarea label="Why" description="Both sides read it." required maxLength={2_000} rows={4} value={reason} error={complaints.fields.reason} onChange={(event) => setReason(event.currentTarget.value)} />
    </FormDialog>
  );
}
