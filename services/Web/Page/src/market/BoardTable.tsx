import { TextInput } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { Sparkline } from '../charts/Sparkline';
import { DataTable } from '../ui/DataTable';
import { Price, StateBadge, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import { splitMarket } from '../words/markets';
import { formatGpuHours } from '../words/money';
import { useBoard, type BoardRow } from './board';
import styles from './market.module.css';

type BoardTableProps = { className: string | undefined; chosen: string; onChoose: (market: string) => void };

const change = (ppm: number) => `${ppm < 0 ? '−' : '+'}${(Math.abs(ppm) / 10_000).toFixed(1)}%`;

/** Every market with its price; choosing one turns the rest of the page to it. */
export function BoardTable({ className, chosen, onChoose }: BoardTableProps) {
  const { rows, markets, prices } = useBoard();
  const [filter, setFilter] = useState('');
  const shown = useMemo(
    () => rows?.filter((row) => filter.toLowerCase().split(/\s+/).every((word) => row.market.toLowerCase().includes(word))),
    [rows, filter],
  );
  const columns = useMemo(() => {
    const column = createColumnHelper<BoardRow>();
    return [
      column.accessor('market', {
        header: 'Market',
        cell: ({ row }) => {
          const { gpu, region } = splitMarket(row.original.market);
          return (
            <button type="button" className={styles.pick} onClick={() => onChoose(row.original.market)} aria-label={row.original.market}>
              {gpu} <span className={styles.region}>{region}</span>
            </button>
          );
        },
      }),
      column.accessor('spot', {
        header: 'Spot',
        meta: { right: true },
        sortUndefined: 'last',
        cell: ({ row }) => <Price micros={row.original.spot} />,
      }),
      column.accessor((row) => row.indicative?.price, {
        id: 'indicative',
        header: () => <span title="What the next run would clear at if it were closed now. Nothing is sold at this price.">Indicative</span>,
        meta: { right: true },
        sortUndefined: 'last',
        cell: ({ row }) => (
          <em className={styles.indicative}>
            {row.original.indicative && row.original.indicative.slot !== row.original.spotSlot ? (
              <>
                <Time at={row.original.indicative.slot} show="clock" />{' '}
              </>
            ) : null}
            <Price micros={row.original.indicative?.price} />
          </em>
        ),
      }),
      column.accessor('changePpm', {
        header: '24 h',
        meta: { right: true },
        cell: ({ row }) => {
          const ppm = row.original.changePpm;
          return ppm === null ? '–' : <span className={ppm < 0 ? styles.down : ppm > 0 ? styles.up : undefined}>{change(ppm)}</span>;
        },
      }),
      column.display({ id: 'line', header: 'Last day', cell: ({ row }) => <Sparkline values={row.original.line} /> }),
      column.accessor('gpuMinutes', { header: 'GPU-h', meta: { right: true }, cell: (cell) => formatGpuHours(cell.getValue()) }),
      column.accessor('free', { header: 'Free next', meta: { right: true }, cell: (cell) => cell.getValue() ?? '–' }),
      column.accessor((row) => row.spotSlot ?? 0, {
        id: 'slot',
        header: 'Slot',
        cell: ({ row }) =>
          row.original.state === 'halted' ? <StateBadge state="halted" /> : row.original.spotSlot === null ? '–' : <Time at={row.original.spotSlot} show="clock" />,
      }),
    ];
  }, [onChoose]);

  return (
    <Panel
      title="Spot prices"
      note="$ per GPU-hour, next slot"
      className={className}
      flush
      tools={<TextInput aria-label="Filter markets" placeholder="Filter, e.g. h100 us" w={150} value={filter} onChange={(event) => setFilter(event.currentTarget.value)} />}
    >
      <DataTable
        label="Markets"
        rows={shown}
        columns={columns}
        rowKey={(row) => row.market}
        loading={markets.isError ? markets : { ...prices, isPending: !rows }}
        chosen={chosen}
        first={40}
        maxHeight={372}
        skeletonRows={8}
        empty={
          filter ? (
            <Empty title="No market has such a name">Try a part of a GPU class or of a region, for example “h100” or “eu”.</Empty>
          ) : (
            <Empty title="There are no markets yet">An operator makes the first one on the Operate page.</Empty>
          )
        }
      />
    </Panel>
  );
}
