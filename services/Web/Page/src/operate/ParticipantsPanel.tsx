import { Button, TextInput } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useParticipants } from '../api/operate';
import { useDeed } from '../api/own';
import type { Participant } from '../api/types';
import { useSession } from '../session/session';
import { Confirm } from '../ui/Confirm';
import { DataTable } from '../ui/DataTable';
import { Badge, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import ui from '../ui/ui.module.css';
import { newId } from '../words/ids';

/** Everyone who was admitted, to suspend or to reinstate. */
export function ParticipantsPanel() {
  const list = useParticipants();
  const { session, has } = useSession();
  const operator = has('operator');
  const [filter, setFilter] = useState('');
  const [asking, setAsking] = useState<{ participant: Participant; requestId: string } | null>(null);
  const change = useDeed(
    ({ participant, requestId }: NonNullable<typeof asking>) =>
      answer(
        exchange.PUT('/v1/participants/{participant_id}/state', {
          params: { path: { participant_id: participant.participant_id } },
          body: { request_id: requestId, active: !participant.active },
        }),
      ),
    [keys.participants, keys.audit],
  );
  const rows = useMemo(() => {
    const word = filter.toLowerCase();
    return list.data?.participants.filter((one) => one.name.toLowerCase().includes(word) || one.participant_id.startsWith(word) || one.roles.some((role) => role.startsWith(word)));
  }, [list.data, filter]);
  const columns = useMemo(() => {
    const column = createColumnHelper<Participant>();
    return [
      column.accessor('name', { header: 'Name', cell: (cell) => <strong>{cell.getValue()}</strong> }),
      column.accessor((row) => row.roles.join(', '), { id: 'roles', header: 'Roles' }),
      column.accessor('active', { header: 'State', cell: (cell) => (cell.getValue() ? <Badge tone="good">active</Badge> : <Badge tone="bad">suspended</Badge>) }),
      column.accessor('admitted_time', { header: 'Admitted', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.accessor('participant_id', { header: 'Id', enableSorting: false, cell: (cell) => <span className={ui.mono}>{cell.getValue()}</span> }),
      column.display({
        id: 'act',
        header: () => <span className="visually-hidden">Suspend or reinstate</span>,
        cell: ({ row }) =>
          operator && row.original.participant_id !== session.participant_id ? (
            <Button
              variant="default" size="compact-xs" aria-label={`${row.original.active ? 'Suspend' : 'Reinstate'} ${row.original.name}`}
              onClick={() => setAsking({ participant: row.original, requestId: newId() })}
            >
              {row.original.active ? 'Suspend' : 'Reinstate'}
            </Button>
          ) : null,
      }),
    ];
  }, [operator, session.participant_id]);
  const close = () => {
    setAsking(null);
    change.reset();
  };
  return (
    <Panel
      title="Participants"
      flush
      tools={<TextInput aria-label="Filter participants" placeholder="Name, role or id" value={filter} onChange={(event) => setFilter(event.currentTarget.value)} />}
    >
      <DataTable
        label="Participants" rows={rows} columns={columns} rowKey={(row) => row.participant_id} loading={list} first={50} sort={[{ id: 'name', desc: false }]} skeletonRows={12}
        empty={filter ? <Empty title="Nobody fits">Try a part of a name, a role, or the beginning of an id.</Empty> : <Empty title="Nobody was admitted yet">cx participant admit admits the first.</Empty>}
      />
      {asking ? (
        <Confirm
          opened
          danger={asking.participant.active}
          title={`${asking.participant.active ? 'Suspend' : 'Reinstate'} ${asking.participant.name}?`}
          deed={`${asking.participant.active ? 'Suspend' : 'Reinstate'} ${asking.participant.name}`}
          working={change.isPending}
          failure={change.error}
          onClose={close}
          onConfirm={() => change.mutate(asking, { onSuccess: close })}
        >
          {asking.participant.active ? (
            <>
              All open bids and offers of <strong>{asking.participant.name}</strong> ({asking.participant.roles.join(', ')}) are closed at once and nothing
              new is accepted; leases go on. The act is written to the audit log.
            </>
          ) : (
            <>
              <strong>{asking.participant.name}</strong> ({asking.participant.roles.join(', ')}) may bid and offer again; what was closed stays closed. The act
              is written to the audit log.
            </>
          )}
        </Confirm>
      ) : null}
    </Panel>
  );
}
