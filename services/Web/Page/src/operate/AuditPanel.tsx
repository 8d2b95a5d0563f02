import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import { useAudit, useParticipants } from '../api/operate';
import type { AuditRow } from '../api/types';
import { DataTable } from '../ui/DataTable';
import { Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import ui from '../ui/ui.module.css';
import { exactMoney, formatCount } from '../words/money';

/** Every act that counts, newest first; each row is bound to the one before by its hash. */
export function AuditPanel() {
  const audit = useAudit();
  const participants = useParticipants();
  const columns = useMemo(() => {
    const names = new Map(participants.data?.participants.map((one) => [one.participant_id, one.name]));
    const column = createColumnHelper<AuditRow>();
    return [
      column.accessor('number', { header: 'No.', meta: { right: true }, cell: (cell) => formatCount(cell.getValue()) }),
      column.accessor('happened_time', { header: 'When', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.accessor((row) => names.get(row.actor) ?? row.actor, { id: 'actor', header: 'Who' }),
      column.accessor('act', { header: 'What', cell: (cell) => <strong>{cell.getValue()}</strong> }),
      column.accessor((row) => inWords(row.detail, names), { id: 'detail', header: 'On what', meta: { wrap: true } }),
      column.accessor('hash', { header: 'Hash', enableSorting: false, cell: (cell) => <span className={ui.mono} title={cell.getValue()}>{cell.getValue().slice(0, 10)}…</span> }),
    ];
  }, [participants.data]);
  return (
    <Panel title="Audit log" note="append only; every row carries the hash of the one before" flush>
      <DataTable
        label="Audit rows" rows={audit.rows} columns={columns} rowKey={(row) => String(row.number)} loading={audit} more={audit.more} first={50} skeletonRows={12}
        empty={<Empty title="Nothing was done yet">What operators and services do that counts is written here.</Empty>}
      />
    </Panel>
  );
}

/** The parameters of an act as "name value" pairs: participants by name, money in dollars. */
function inWords(detail: unknown, names: Map<string, string>): string {
  if (typeof detail !== 'object' || detail === null) return detail === undefined ? '' : JSON.stringify(detail);
  return Object.entries(detail)
    .map(([name, value]) => {
      if (name.endsWith('_micros') && typeof value === 'number') return `${name.slice(0, -7).replaceAll('_', ' ')} ${exactMoney(value)}`;
      const known = typeof value === 'string' ? names.get(value) : undefined;
      if (known) return `${name.replace(/_id$/, '').replaceAll('_', ' ')} ${known}`;
      return `${name.replaceAll('_', ' ')} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
    })
    .join(' · ');
}
