import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import { Link } from 'wouter';
import { useDisputes } from '../api/delivery';
import type { Dispute } from '../api/types';
import { useSession } from '../session/session';
import { DataTable } from '../ui/DataTable';
import { Badge, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { DisputeView } from './DisputeView';
import { kindOf, stateTones } from './words';

/** Disputes of what the provider sold; not shown while there are none. */
export function DisputesOwed() {
  const { session } = useSession();
  const disputes = useDisputes();
  const rows = useMemo(() => disputes.data?.filter((one) => one.provider_id === session.participant_id), [disputes.data, session.participant_id]);
  return rows?.length ? <Disputes rows={rows} mayAnswer note="answer each once: an operator decides from both records" /> : null;
}

/** Disputes that the buyer opened; not shown while there are none. */
export function DisputesOpened() {
  const { session } = useSession();
  const disputes = useDisputes();
  const rows = useMemo(() => disputes.data?.filter((one) => one.buyer_id === session.participant_id), [disputes.data, session.participant_id]);
  return rows?.length ? <Disputes rows={rows} note="both sides’ records are in each" /> : null;
}

function Disputes({ rows, mayAnswer = false, note }: { rows: Dispute[]; mayAnswer?: boolean; note: string }) {
  const columns = useMemo(() => disputeColumns(), []);
  return (
    <Panel title="Disputes" note={note} flush>
      <DataTable
        label="Disputes" rows={rows} columns={columns} rowKey={(one) => one.dispute_id} loading={{ isPending: false, isError: false, error: null, refetch: () => undefined }} empty={null}
        detail={(one) => <DisputeView dispute={one} mayAnswer={mayAnswer} />} detailLabel={(one) => `Details of the dispute of lease ${one.lease_id}`}
      />
    </Panel>
  );
}

/** The columns that every list of disputes has. */
export function disputeColumns() {
  const column = createColumnHelper<Dispute>();
  return [
    column.accessor('opened_time', { header: 'Opened', cell: (cell) => <Time at={cell.getValue()} /> }),
    column.accessor('state', { header: 'State', cell: (cell) => <Badge tone={stateTones[cell.getValue()]}>{cell.getValue()}</Badge> }),
    column.accessor('lease_id', { header: 'Lease', cell: (cell) => <Link href={`/leases/${cell.getValue()}`}>{cell.getValue()}</Link> }),
    column.accessor((one) => kindOf(one.kind), { id: 'kind', header: 'What was wrong' }),
    column.accessor((one) => (one.answer ? 'yes' : 'not yet'), { id: 'answered', header: 'Provider answered' }),
  ];
}
