import { SegmentedControl } from '@mantine/core';
import { memo, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { useAddress, useSetAddress } from '../app/address';
import { useZone } from '../app/zone';
import { useNow } from '../live/clock';
import { Price, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty, Failed, Waiting } from '../ui/states';
import { isTradable } from '../words/gates';
import { splitMarket } from '../words/markets';
import { clockTime, instantOf, minute, partsOf, shortDay, wireTime, zoneName } from '../words/time';
import { useBoardPrices, useIndicativeBySlot, useLastRecord, useSlots } from './board';
import styles from './market.module.css';

type Cell = { price: number | null; free: number | null; reserve: number | null; heat: number };

/** Every slot of the horizon in every market: how dear, and how much is left. One cell is in the tab order; arrows move. */
export function SlotMap({ market }: { market: string }) {
  const { markets, slots, schedule } = useSlots();
  const { byMarket, query } = useBoardPrices();
  const record = useLastRecord();
  const indicative = useIndicativeBySlot();
  const now = useNow(minute);
  const zone = useZone();
  const [slotText] = useAddress('slot');
  const [by, setBy] = useAddress('map', 'price');
  const setAddress = useSetAddress();
  const [at, setAt] = useState<{ row: number; column: number } | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);

  const names = useMemo(() => markets.data?.markets.map((one) => one.market) ?? [], [markets.data]);
  const cells = useMemo(
    () =>
      names.map((name) => {
        const row = slots.map((slot): Omit<Cell, 'heat'> => {
          const free = record?.freeOf(name, slot) ?? null;
          return {
            price: byMarket.get(name)?.get(slot)?.last_price_micros_per_gpu_hour ?? null,
            free: free?.gpus ?? null,
            reserve: free && free.gpus > 0 ? free.reserve : null,
          };
        });
        const values = row.map((cell) => (by === 'price' ? cell.price : cell.free)).filter((value) => value !== null);
        const low = by === 'price' ? Math.min(...values) : 0;
        const span = Math.max(...values) - low;
        return row.map((cell): Cell => {
          const value = by === 'price' ? cell.price : cell.free;
          return { ...cell, heat: value === null || (by === 'free' && value === 0) ? 0 : span > 0 ? 0.12 + 0.78 * ((value - low) / span) : 0.45 };
        });
      }),
    [names, slots, byMarket, record, by],
  );

  const chosenSlot = instantOf(slotText);
  const chosen = { row: names.indexOf(market), column: slots.indexOf(chosenSlot) };
  const shown = at ?? (chosen.row >= 0 && chosen.column >= 0 ? chosen : null);
  const shownCell = shown ? cells[shown.row]?.[shown.column] : undefined;
  const shownIndicative = shown ? indicative.byMarket.get(names[shown.row] ?? '')?.get(slots[shown.column] ?? 0) : undefined;
  const shownSlot = shown ? slots[shown.column] : undefined;
  const home = at ?? { row: Math.max(0, chosen.row), column: Math.max(0, chosen.column) };

  const place = (target: EventTarget): { row: number; column: number } | null => {
    const cell = target instanceof HTMLElement ? target.closest<HTMLElement>('[data-cell]') : null;
    const [row, column] = (cell?.dataset.cell ?? '').split(',').map(Number);
    return row === undefined || column === undefined || Number.isNaN(row) ? null : { row, column };
  };
  const choose = (spot: { row: number; column: number }) => {
    const slot = slots[spot.column];
    if (slot !== undefined) setAddress({ market: names[spot.row] ?? '', slot: wireTime(slot) });
  };
  const onKey = (event: KeyboardEvent) => {
    const spot = place(event.target);
    if (!spot) return;
    const moves: Record<string, [number, number]> = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -999], End: [0, 999] };
    const move = moves[event.key];
    if (event.key === 'Enter' || event.key === ' ') choose(spot);
    else if (!move) return;
    else {
      const row = Math.min(names.length - 1, Math.max(0, spot.row + move[0]));
      const column = Math.min(slots.length - 1, Math.max(0, spot.column + move[1]));
      body.current?.querySelector<HTMLElement>(`[data-cell="${row},${column}"]`)?.focus();
    }
    event.preventDefault();
  };

  return (
    <Panel
      title="Delivery slots"
      note={
        <>
          the next {slots.length} slots in {zoneName(slots[0] ?? 0, zone)}; darker is {by === 'price' ? 'dearer within its market' : 'more left'}
          {record ? `; what is left, as of run #${record.run.run_id}` : ''}
        </>
      }
      tools={
        <SegmentedControl
          aria-label="Colour by"
          value={by}
          onChange={setBy}
          data={[
            { value: 'price', label: 'Price' },
            { value: 'free', label: 'GPUs left' },
          ]}
        />
      }
    >
      {markets.isError && !markets.data ? (
        <Failed what="Markets" failure={markets.error} retry={() => void markets.refetch()} />
      ) : !slots.length || query.isPending ? (
        <Waiting height={220} />
      ) : names.length === 0 ? (
        <Empty title="There are no markets yet">An operator makes the first one on the Operate page.</Empty>
      ) : (
        <>
          <div style={{ overflowX: 'auto', padding: 2 }}>
            <table
              className={styles.map}
              role="grid"
              aria-label="Delivery slots by market"
              onKeyDown={onKey}
              onClick={(event: MouseEvent) => {
                const spot = place(event.target);
                if (spot) choose(spot);
              }}
              onMouseOver={(event) => setAt(place(event.target))}
              onMouseLeave={() => setAt(null)}
              onFocus={(event) => setAt(place(event.target))}
              onBlur={() => setAt(null)}
            >
              <Hours slots={slots} zone={zone} />
              <tbody ref={body}>
                {names.map((name, row) => (
                  <Row
                    key={name}
                    name={name}
                    row={row}
                    cells={cells[row]}
                    slots={slots}
                    closedUntil={slots.findIndex((slot) => now === null || isTradable(slot, now, schedule))}
                    gateClosed={now !== null && slots[1] !== undefined && !isTradable(slots[1], now, schedule)}
                    chosen={chosen.row === row ? chosen.column : -1}
                    home={home.row === row ? home.column : -1}
                  />
                ))}
              </tbody>
            </table>
          </div>
          <div className={styles.inspect} role="status">
            {shown && shownSlot !== undefined ? (
              <>
                <strong>{names[shown.row]}</strong>
                <span>
                  <Time at={shownSlot} />
                </span>
                <span>
                  last price <strong><Price micros={shownCell?.price ?? null} /></strong>
                </span>
                {shownIndicative ? (
                  <span title="If the run were closed now; nothing is sold at this price.">
                    indicative <strong><Price micros={shownIndicative.price} /></strong> for {shownIndicative.gpus} GPUs
                  </span>
                ) : null}
                <span>
                  <strong>{shownCell?.free ?? '–'}</strong> GPUs left
                </span>
                {shownCell?.reserve != null ? (
                  <span>
                    from <strong><Price micros={shownCell.reserve} /></strong>
                  </span>
                ) : null}
                {now !== null && !isTradable(shownSlot, now, schedule) ? <span>closed: its gate has passed</span> : null}
              </>
            ) : (
              <span>Point at a slot for its figures; choose one to see its depth below.</span>
            )}
          </div>
        </>
      )}
    </Panel>
  );
}

const Hours = memo(function Hours({ slots, zone }: { slots: number[]; zone: 'utc' | 'local' }) {
  const groups: { label: string; span: number; key: number }[] = [];
  slots.forEach((slot, index) => {
    const { hour: clock } = partsOf(slot, zone);
    const before = slots[index - 1];
    // The first slot of every sixth hour, also where a zone is half an hour off.
    if (before === undefined || (clock % 6 === 0 && partsOf(before, zone).hour !== clock)) {
      groups.push({ key: slot, span: 1, label: clock === 0 ? shortDay(slot, zone) : clockTime(slot, zone) });
    } else {
      const group = groups.at(-1);
      if (group) group.span++;
    }
  });
  return (
    <thead>
      <tr>
        <td />
        {groups.map((group) =>
          group.span > 2 ? (
            <th key={group.key} role="columnheader" scope="colgroup" colSpan={group.span}>
              {group.label}
            </th>
          ) : (
            <td key={group.key} colSpan={group.span} />
          ),
        )}
      </tr>
    </thead>
  );
});

type RowProps = {
  name: string; row: number; cells: Cell[] | undefined; slots: number[]; closedUntil: number; gateClosed: boolean; chosen: number; home: number;
};

const Row = memo(function Row({ name, row, cells, slots, closedUntil, gateClosed, chosen, home }: RowProps) {
  const { gpu, region } = splitMarket(name);
  return (
    <tr>
      <th scope="row">
        {gpu} <span className={styles.region}>{region}</span>
      </th>
      {slots.map((slot, column) => {
        const cell = cells?.[column];
        const closed = column < closedUntil || (column === 1 && gateClosed);
        return (
          <td
            key={slot}
            role="gridcell"
            data-cell={`${row},${column}`}
            tabIndex={home === column ? 0 : -1}
            aria-selected={chosen === column}
            aria-label={`${name} ${wireTime(slot)} price ${cell?.price == null ? 'none' : (cell.price / 1e6).toFixed(3)}, ${cell?.free ?? 'unknown'} GPUs left`}
            className={`${styles.cell ?? ''} ${closed && !cell?.heat ? (styles.closed ?? '') : ''} ${chosen === column ? (styles.chosen ?? '') : ''}`}
            style={cell?.heat ? { background: `rgb(var(--heat) / ${(cell.heat * (closed ? 0.5 : 1)).toFixed(2)})` } : undefined}
          >
            {cell && !cell.heat && cell.free ? '·' : ''}
          </td>
        );
      })}
    </tr>
  );
});
