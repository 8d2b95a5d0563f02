import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import { useDocuments } from '../api/money';
import type { MoneyDocument } from '../api/types';
import { DataTable } from '../ui/DataTable';
import { Money, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty, Message } from '../ui/states';
import ui from '../ui/ui.module.css';
import { Downloads, useDownload } from './download';
import { dayAfter } from './period';

const kinds: Record<string, string> = { invoice: 'Invoice', payout_statement: 'Payout statement', statement: 'Statement' };

/** The last day inside a document's period, which ends on the wire with the day after it. */
const lastDay = (to: string): string => {
  const before = new Date(Date.parse(`${to}T00:00:00Z`) - 1_000).toISOString().slice(0, 10);
  return dayAfter(before) === to ? before : to;
};

/** Invoices, payout statements and statements, as they were made. */
export function DocumentsPanel() {
  const documents = useDocuments();
  const download = useDownload();
  const columns = useMemo(() => {
    const column = createColumnHelper<MoneyDocument>();
    return [
      column.accessor('number', { header: 'Number', cell: (cell) => <span className={ui.mono}>{cell.getValue()}</span> }),
      column.accessor((one) => kinds[one.kind] ?? one.kind, { id: 'kind', header: 'What' }),
      column.accessor('from_day', { header: 'Period, UTC days', cell: ({ row }) => `${row.original.from_day} – ${lastDay(row.original.to_day)}` }),
      column.accessor('total_micros', { header: 'Total', meta: { right: true }, cell: (cell) => <Money micros={cell.getValue()} /> }),
      column.accessor('created_time', { header: 'Made', cell: (cell) => <Time at={cell.getValue()} /> }),
      column.display({
        id: 'get',
        header: () => <span className="visually-hidden">Download</span>,
        cell: ({ row }) => {
          const { document_id: id, number } = row.original;
          return <Downloads what={number} state={download} busyAs={(format) => `${id} ${format}`} onAsk={(format) => download.fetch(id, format)} />;
        },
      }),
    ];
  }, [download]);
  return (
    <Panel title="Documents" note="made every month, and on demand" flush>
      {download.failure ? <Message tone="bad">{download.failure}</Message> : null}
      <DataTable
        label="Documents" rows={documents.rows} columns={columns} rowKey={(one) => one.document_id} loading={documents} more={documents.more} first={25}
        empty={<Empty title="No document yet">Invoices and payout statements are made on the first of the month; a statement of any days is made under Statement.</Empty>}
      />
    </Panel>
  );
}
