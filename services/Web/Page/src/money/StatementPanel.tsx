import { Button, TextInput } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { useStatement } from '../api/money';
import type { StatementBalance, StatementLine } from '../api/types';
import shell from '../app/shell.module.css';
import { useNow } from '../live/clock';
import { DataTable } from '../ui/DataTable';
import { Money, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty, Failed, Message, Waiting } from '../ui/states';
import form from '../ui/form.module.css';
import ui from '../ui/ui.module.css';
import { formatCount } from '../words/money';
import { minute } from '../words/time';
import { Downloads, useDownload } from './download';
import { dayAfter, isOpen, periodFault, usualPeriods, type Period } from './period';

/** Every movement of a period, with the balance after it, and what each kind of account held before and after. */
export function StatementPanel() {
  const now = useNow(minute);
  if (now === null) return <Waiting height={400} />;
  return <Chosen now={now} />;
}

function Chosen({ now }: { now: number }) {
  const usual = usualPeriods(now);
  const [period, setPeriod] = useState<Period>(() => usual[0]?.period ?? { from: '', to: '' });
  const fault = periodFault(period, now);
  const download = useDownload();
  const open = isOpen(period, now);
  return (
    <div className={shell.main} style={{ padding: 0, minHeight: 0 }}>
      <Panel
        title="Period"
        note="UTC days, both inside"
        tools={usual.map((one) => (
          <Button key={one.name} variant="default" size="compact-sm" aria-pressed={one.period.from === period.from && one.period.to === period.to} onClick={() => setPeriod(one.period)}>
            {one.name}
          </Button>
        ))}
      >
        <div className={form.row} style={{ alignItems: 'end', justifyContent: 'flex-start' }}>
          <TextInput type="date" label="First day" value={period.from} onChange={(event) => setPeriod({ ...period, from: event.currentTarget.value })} />
          <TextInput type="date" label="Last day" value={period.to} onChange={(event) => setPeriod({ ...period, to: event.currentTarget.value })} />
          <Downloads
            what="statement" disabled={fault !== ''} state={download}
            title={open ? 'Up to the last midnight: a file is of days that are over.' : undefined}
            onAsk={(format) => download.make({ kind: 'statement', from: period.from, to: open ? period.to : dayAfter(period.to) }, format)}
          />
        </div>
        {fault ? <p className={form.hint} role="alert">{fault}</p> : <p className={form.hint}>{open ? 'The last day is not over; files go up to the last midnight.' : ''}</p>}
        {download.failure ? <Message tone="bad">{download.failure}</Message> : null}
      </Panel>
      {fault ? null : <Lines from={`${period.from}T00:00:00Z`} to={open ? undefined : `${dayAfter(period.to)}T00:00:00Z`} />}
    </div>
  );
}

function Lines({ from, to }: { from: string; to: string | undefined }) {
  const statement = useStatement(from, to);
  const columns = useMemo(() => {
    const column = createColumnHelper<StatementLine>();
    return [
      column.accessor((line) => line.transfer.recorded_time, { id: 'when', header: 'When', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.accessor((line) => line.transfer.transfer_id, { id: 'number', header: 'No.', meta: { right: true }, cell: (cell) => formatCount(cell.getValue()) }),
      column.accessor('text', { header: 'What', meta: { wrap: true } }),
      column.accessor((line) => line.transfer.amount_micros, { id: 'amount', header: 'Moved', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.accessor('balance_micros', { header: 'All you have', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
    ];
  }, []);
  const kinds = useMemo(() => {
    const column = createColumnHelper<StatementBalance>();
    return [
      column.accessor('account_kind', { header: 'Account' }),
      column.accessor('opening_micros', { header: 'Before', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.accessor('closing_micros', { header: 'After', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
    ];
  }, []);
  if (statement.isError && !statement.data) return <Failed what="The statement" failure={statement.error} retry={() => void statement.refetch()} />;
  const told = statement.data;
  return (
    <div className={shell.grid}>
      <Panel
        title="Movements" flush className={shell.w8}
        note={told ? <>{formatCount(told.lines.length)}, through transfer {formatCount(told.through_transfer_id)}, hash <span className={ui.mono} title={told.through_hash}>{told.through_hash.slice(0, 10)}…</span></> : undefined}
      >
        <DataTable
          label="Movements" rows={told?.lines} columns={columns} rowKey={(line) => String(line.transfer.transfer_id)} loading={statement} first={50} maxHeight={640} skeletonRows={10}
          empty={<Empty title="Nothing moved in this period">Choose another one above.</Empty>}
        />
      </Panel>
      <Panel title="Before and after" flush className={shell.w4}>
        <DataTable
          label="Account kinds" rows={told?.balances} columns={kinds} rowKey={(row) => row.account_kind} loading={statement} first={20}
          empty={<Empty title="No account yet">The first deposit opens the first ones.</Empty>}
        />
      </Panel>
    </div>
  );
}
