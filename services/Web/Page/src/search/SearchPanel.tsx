import { Button, Select, TextInput } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useId, useMemo, useState } from 'react';
import { useMarkets } from '../api/market';
import { asProblem, sortComplaints } from '../api/problem';
import { useSearch, useSearchFields, type Question } from '../api/search';
import type { Capacity } from '../api/types';
import { useZone } from '../app/zone';
import { useNow } from '../live/clock';
import { DataTable } from '../ui/DataTable';
import { Badge, Price, Window } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Simulated } from '../ui/Simulated';
import { Empty, Message } from '../ui/states';
import { WhenField } from '../ui/WhenField';
import styles from '../ui/form.module.css';
import ui from '../ui/ui.module.css';
import { horizonOf } from '../words/gates';
import { shortId } from '../words/ids';
import { stateTones } from '../words/nodes';
import { minute, wireTime } from '../words/time';
import { formatBytes, formatScore, formatSeconds } from '../words/units';
import { parseWhen } from '../words/when';
import { bidConditions, pointAt, withCondition } from './filter';

const orders = [
  { value: '', label: 'Cheapest first' }, { value: 'likely', label: 'Likely price' }, { value: '-reliability', label: 'Best score' }, { value: '-gpus', label: 'Most GPUs' },
  { value: '-free_hours', label: 'Free the longest' },
];

/** Something found, and the hours that were asked for. */
export type Found = { capacity: Capacity; from: number | null; hours: number; /** What the filter asked that a bid can ask too. */ where: string };

/** Looks for free capacity by a filter, and hands what is found to the ticket. */
export function SearchPanel({ className, onBid }: { className: string | undefined; onBid: (found: Found) => void }) {
  const zone = useZone();
  const now = useNow(minute);
  const settings = useMarkets().data?.settings;
  const [draft, setDraft] = useState({ filter: '', from: '', hours: '1', order: '' });
  const [question, setQuestion] = useState<Question | null>(null);
  const found = useSearch(question);
  const fields = useSearchFields();
  const slotMinutes = settings?.slot_minutes ?? 60;
  const from = draft.from.trim() && now !== null ? parseWhen(draft.from, now, zone, slotMinutes) : null;
  const hours = /^\d+$/.test(draft.hours.trim()) ? Number(draft.hours) : Number.NaN;
  const wrongFrom = draft.from.trim() && from === null ? 'Not a time: write 15:00 or +3h, or leave it empty for now.' : undefined;
  const wrongHours = hours >= 1 && hours <= 168 ? undefined : '1 to 168 hours.';
  const change = (part: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...part }));
  const refused = sortComplaints(found.error, ['filter', 'from_time', 'hour_count', 'order_by']);

  const columns = useMemo(() => {
    const column = createColumnHelper<Capacity>();
    return [
      column.accessor('market', {
        header: 'Market',
        cell: ({ row }) => (
          <>
            <strong>{row.original.market}</strong> {row.original.simulated ? <Simulated /> : null}
          </>
        ),
      }),
      column.accessor('gpu_count', { header: 'Free GPUs', meta: { right: true }, cell: ({ row }) => `${row.original.gpu_count} of ${row.original.node_gpu_count}` }),
      column.accessor('free_from_time', { header: 'Free', cell: ({ row }) => <Window from={row.original.free_from_time} to={row.original.free_to_time} /> }),
      column.accessor('price_micros_per_gpu_hour', { header: 'Price now', meta: { right: true }, cell: (cell) => <Price micros={cell.getValue()} /> }),
      column.accessor('likely_price_micros_per_gpu_hour', { header: 'Likely', meta: { right: true }, cell: (cell) => <Price micros={cell.getValue()} /> }),
      column.accessor('reserve_micros_per_gpu_hour', { header: 'Reserve', meta: { right: true }, cell: (cell) => <Price micros={cell.getValue()} /> }),
      column.accessor('reliability_ppm', { header: 'Score', meta: { right: true }, cell: (cell) => formatScore(cell.getValue()) }),
      column.accessor('state', { header: 'Node', cell: ({ row }) => <Badge tone={stateTones[row.original.state]}>{row.original.state}</Badge> }),
      column.display({
        id: 'act',
        header: () => <span className="visually-hidden">Bid</span>,
        cell: ({ row }) => (
          <Button
            size="compact-xs" variant="light" aria-label={`Bid on this: ${row.original.gpu_count} GPUs of ${row.original.market}, node ${shortId(row.original.node_id)}`}
            onClick={() => onBid({ capacity: row.original, where: bidConditions(found.understood, fields.data ?? []), from: question?.from ? Date.parse(question.from) : null, hours: question?.hours ?? 1 })}
          >
            Bid on this
          </Button>
        ),
      }),
    ];
  }, [onBid, found.understood, fields.data, question]);

  return (
    <Panel title="Search" note="what is free, and when, with what it would likely cost" className={className}>
      <form
        className={styles.form}
        noValidate
        aria-label="Search free capacity"
        onSubmit={(event) => {
          event.preventDefault();
          if (wrongFrom || wrongHours) return;
          const next = { filter: draft.filter.trim(), from: from === null ? undefined : wireTime(from), hours, order: draft.order };
          if (JSON.stringify(next) === JSON.stringify(question)) void found.refetch();
          else setQuestion(next);
        }}
      >
        <div className={styles.search}>
          <TextInput
            label="Filter" placeholder="class = H100-SXM-80GB and gpus >= 8 and reliability > 0.98" spellCheck={false} autoComplete="off" value={draft.filter} error={Boolean(refused.fields.filter)}
            onChange={(event) => change({ filter: event.currentTarget.value })}
          />
          <WhenField label="Begin (empty: now)" value={draft.from} instant={from} choices={now !== null && settings ? horizonOf(now, settings) : []} error={wrongFrom ?? refused.fields.from_time} onChange={(value) => change({ from: value })} />
          <TextInput label="Hours in a row" inputMode="numeric" value={draft.hours} error={wrongHours ?? refused.fields.hour_count} onChange={(event) => change({ hours: event.currentTarget.value })} />
          <Select label="Order" data={orders} allowDeselect={false} value={draft.order} error={refused.fields.order_by} onChange={(value) => change({ order: value ?? '' })} />
          <Button type="submit" mt={22} loading={found.isFetching && !found.isFetchingNextPage}>
            Search
          </Button>
        </div>
        {refused.fields.filter ? <Wrong filter={question?.filter ?? ''} complaint={refused.fields.filter} /> : null}
        {refused.rest ? <Message tone="bad">{refused.rest}</Message> : null}
        <FieldsHelp onUse={(example) => change({ filter: withCondition(draft.filter, example) })} />
      </form>
      {question && !found.isError ? (
        <div className={styles.found}>
          <p className={styles.hint} role="status">
            {found.isPending ? 'Looking…' : found.understood ? <>Understood as <code className={ui.mono}>{found.understood}</code></> : 'Everything that is free.'}
          </p>
          <DataTable
            label="Free capacity" rows={found.rows} columns={columns} rowKey={(one) => `${one.node_id} ${one.free_from_time} ${one.gpu_count}`} loading={found} more={found.more} maxHeight={460} below={facts}
            empty={<Empty title="Nothing free fits">Ask for fewer hours, another time, or less; or bid all the same: new offers may come before the gate.</Empty>}
          />
        </div>
      ) : null}
    </Panel>
  );
}

/** In a few words what a node is. */
function facts(one: Capacity): string {
  return [
    formatBytes(one.gpu_memory_bytes) === '0' ? '' : formatBytes(one.gpu_memory_bytes), one.nvlink ? 'NVLink' : '', [one.country, one.zone].filter(Boolean).join(', '),
    one.reclaim_notice_seconds ? `notice ${formatSeconds(one.reclaim_notice_seconds)}` : '', one.runners.join(', '),
  ].filter(Boolean).join(' · ');
}

/** A refused filter with the wrong word marked. */
function Wrong({ filter, complaint }: { filter: string; complaint: string }) {
  const pointed = pointAt(filter, complaint);
  if (!pointed) return <Message tone="bad">{complaint}</Message>;
  return (
    <Message tone="bad">
      <p className={ui.pointed}>
        {pointed.before}
        <mark>{pointed.wrong || '␣'}</mark>
        {pointed.after}
      </p>
      <p>{pointed.message}</p>
    </Message>
  );
}

/** The fields of the filter language, each with an example to take over. */
function FieldsHelp({ onUse }: { onUse: (example: string) => void }) {
  const fields = useSearchFields();
  const id = useId();
  const [opened, setOpened] = useState(false);
  return (
    <details className={ui.help} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary aria-controls={id}>Fields: compare with = != &lt; &lt;= &gt; &gt;=, choose with in (…), join with and</summary>
      <div id={id}>
        {opened && fields.isError ? <p className={styles.wrong}>{asProblem(fields.error).message}</p> : null}
        {fields.data ? (
          // A scrolling region must be reachable by keyboard.
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          <div className={ui.scroll} style={{ maxHeight: 260 }} tabIndex={0} role="group" aria-label="Fields, scrolls">
            <table className={ui.table} aria-label="Fields of the filter">
              <thead>
                <tr>
                  <th scope="col">Field</th>
                  <th scope="col">What it is</th>
                  <th scope="col">In bids too</th>
                  <th scope="col">Example</th>
                </tr>
              </thead>
              <tbody>
                {fields.data.map((field) => (
                  <tr key={field.name}>
                    <td>
                      <code>{field.name}</code>
                    </td>
                    <td className={ui.wrap}>{field.meaning}</td>
                    <td>{field.in_bids ? 'yes' : ''}</td>
                    <td>
                      <Button variant="subtle" size="compact-xs" aria-label={`Add ${field.example}`} onClick={() => onUse(field.example)}>
                        <code>{field.example}</code>
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : null}
      </div>
    </details>
  );
}
