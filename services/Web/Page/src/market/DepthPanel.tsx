import { Button, Select } from '@mantine/core';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import type { Depth } from '../api/types';
import { useAddress } from '../app/address';
import { useZone } from '../app/zone';
import { useInk } from '../charts/ink';
import { useConnection, useDepth } from '../live/feed';
import { useNow } from '../live/clock';
import { Price, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty, Waiting } from '../ui/states';
import { useTick } from '../ui/tick';
import { isTradable } from '../words/gates';
import { formatPrice } from '../words/money';
import { dayAndTime, instantOf, minute, wireTime } from '../words/time';
import { useSlots } from './board';
import { accumulate, crossing, type Step } from './depth';
import styles from './market.module.css';

const Plot = lazy(() => import('../charts/Plot'));
const levelsShown = 12;
const drawEvery = 250;

/** Bids and offers of one slot as they change: a ladder and what they add up to. */
export function DepthPanel({ market }: { market: string }) {
  const { slots, schedule } = useSlots();
  const [slot, setSlot] = useAddress('slot');
  const zone = useZone();
  const now = useNow(minute);
  const connection = useConnection();
  const depth = useDepth(market, slot);
  const choices = slots
    .filter((start) => now !== null && isTradable(start, now, schedule))
    .map((start) => ({ value: wireTime(start), label: dayAndTime(start, zone) }));
  if (slot && !choices.some((choice) => choice.value === slot)) choices.unshift({ value: slot, label: dayAndTime(instantOf(slot), zone) });

  return (
    <Panel
      title="Depth"
      note={
        <>
          {market}
          {depth ? <> · slot of <Time at={depth.slot_time} /></> : null}
        </>
      }
      tools={
        <>
          <Select
            aria-label="Slot"
            placeholder="Next slot that trades"
            data={choices}
            value={slot || null}
            searchable
            clearable
            w={190}
            nothingFoundMessage="No such slot"
            onChange={(value) => setSlot(value ?? '')}
          />
          {slot ? (
            <Button variant="default" onClick={() => setSlot('')}>
              Next slot
            </Button>
          ) : null}
        </>
      }
    >
      {!depth ? (
        connection === 'disconnected' ? (
          <Empty title="Depth is not known while the connection is down">It comes back by itself.</Empty>
        ) : (
          <Waiting height={290} />
        )
      ) : depth.bids.length + depth.offers.length === 0 ? (
        <Empty title="No open bids or offers for this slot">Be the first: bid on the Buy page, or offer a node on the Provide page. Another slot may have some.</Empty>
      ) : (
        <div className={styles.depth}>
          <Ladders depth={depth} />
          <Suspense fallback={<Waiting height={280} />}>
            <Curves depth={depth} />
          </Suspense>
        </div>
      )}
    </Panel>
  );
}

function Ladders({ depth }: { depth: Depth }) {
  const bids = accumulate(depth.bids);
  const offers = accumulate(depth.offers);
  const most = Math.max(bids[Math.min(levelsShown, bids.length) - 1]?.sum ?? 0, offers[Math.min(levelsShown, offers.length) - 1]?.sum ?? 0, 1);
  const meet = crossing(depth);
  return (
    <div className={styles.ladders}>
      <table className={`${styles.ladder ?? ''} ${styles.bids ?? ''}`} aria-label="Bids">
        <thead>
          <tr>
            <th scope="col" className={styles.few}>Bids</th>
            <th scope="col">Sum</th>
            <th scope="col">GPUs</th>
            <th scope="col">Limit</th>
          </tr>
        </thead>
        <tbody>{rowsOf(bids, most, false)}</tbody>
      </table>
      <table className={`${styles.ladder ?? ''} ${styles.offers ?? ''}`} aria-label="Offers">
        <thead>
          <tr>
            <th scope="col">Reserve</th>
            <th scope="col">GPUs</th>
            <th scope="col">Sum</th>
            <th scope="col" className={styles.few}>Offers</th>
          </tr>
        </thead>
        <tbody>{rowsOf(offers, most, true)}</tbody>
      </table>
      <p className={styles.read}>
        {meet ? (
          <>
            {meet.gpus} GPUs meet between <Price micros={Math.min(meet.low, meet.high)} /> and <Price micros={Math.max(meet.low, meet.high)} />, blocks
            taken as if they could be split; the next run decides.
          </>
        ) : bids.length && offers.length ? (
          <>
            Nothing meets: the best bid is <Price micros={bids[0]?.price} />, the cheapest offer <Price micros={offers[0]?.price} />.
          </>
        ) : bids.length ? (
          'Wanted, but nothing is on offer.'
        ) : (
          'On offer, but not wanted yet.'
        )}
      </p>
    </div>
  );
}

function rowsOf(steps: Step[], most: number, mirrored: boolean) {
  const shown = steps.slice(0, levelsShown);
  const more = steps.length - shown.length;
  const rows = shown.map((step) => {
    const cells = [
      <td key="price" className={styles.price}><Price micros={step.price} /></td>,
      <td key="gpus">{step.gpus}</td>,
      <td key="sum">{step.sum}</td>,
      <td key="orders" className={`${styles.region ?? ''} ${styles.few ?? ''}`}>{step.orders}</td>,
    ];
    return (
      <tr key={step.price} style={{ backgroundSize: `${((step.sum / most) * 100).toFixed(1)}% 100%` }}>
        {mirrored ? cells : cells.reverse()}
      </tr>
    );
  });
  if (more > 0) {
    rows.push(
      <tr key="more" style={{ backgroundSize: '0' }}>
        <td colSpan={4} className={styles.region}>
          {more} more {more === 1 ? 'level' : 'levels'}, {(steps.at(-1)?.sum ?? 0) - (shown.at(-1)?.sum ?? 0)} GPUs
        </td>
      </tr>,
    );
  }
  return rows;
}

/** The newest value, taken up at most every so many milliseconds: charts need not be drawn as often as figures. */
function useSlowly<T>(value: T, every: number): T {
  const [slow, setSlow] = useState({ value, at: 0 });
  useEffect(() => {
    if (slow.value === value) return;
    const wait = Math.max(0, every - (performance.now() - slow.at));
    const timer = window.setTimeout(() => setSlow({ value, at: performance.now() }), wait);
    return () => window.clearTimeout(timer);
  }, [value, slow, every]);
  return slow.value;
}

function Curves({ depth: newest }: { depth: Depth }) {
  const depth = useSlowly(newest, drawEvery);
  const ink = useInk();
  const tick = useTick();
  const option = useMemo(() => {
    const bids = accumulate(depth.bids);
    const offers = accumulate(depth.offers);
    const price = (micros: number) => formatPrice(micros, tick);
    // Demand at a price is every bid at it or above, supply every offer at it or below.
    const demand = [...bids].reverse().map((step) => [step.price, step.sum]);
    const supply = offers.map((step) => [step.price, step.sum]);
    const prices = [...demand, ...supply].map(([at]) => at ?? 0);
    const low = Math.min(...prices);
    const high = Math.max(...prices);
    const pad = Math.max((high - low) * 0.06, tick * 5);
    const lowest = Math.max(0, low - pad);
    if (demand.length) demand.unshift([lowest, demand[0]?.[1] ?? 0]);
    if (demand.length) demand.push([(demand.at(-1)?.[0] ?? 0) + 1, 0]);
    if (supply.length) supply.unshift([lowest, 0]);
    if (supply.length) supply.push([high + pad, supply.at(-1)?.[1] ?? 0]);
    const line = (name: string, data: number[][], color: string, step: 'start' | 'end') => ({
      name, type: 'line', step, data, symbol: 'none', color, lineStyle: { width: 1.6 }, areaStyle: { opacity: 0.1 },
    });
    return {
      textStyle: { fontFamily: ink.font },
      grid: { left: 44, right: 12, top: 30, bottom: 26 },
      legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 8, icon: 'roundRect', textStyle: { color: ink.text, fontSize: 12 } },
      tooltip: {
        trigger: 'axis', backgroundColor: ink.panel, borderColor: ink.line, textStyle: { color: ink.ink, fontSize: 12 },
        axisPointer: { label: { show: false }, lineStyle: { color: ink.text } },
      },
      xAxis: {
        type: 'value', min: lowest, max: high + pad, axisLabel: { color: ink.text, fontSize: 11, formatter: price, hideOverlap: true },
        axisPointer: { label: { formatter: ({ value }: { value: number }) => price(value) } },
        axisLine: { lineStyle: { color: ink.line } }, splitLine: { lineStyle: { color: ink.faint } },
      },
      yAxis: { type: 'value', axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: ink.text, fontSize: 11 }, splitLine: { lineStyle: { color: ink.faint } } },
      series: [line('Wanted at this price', demand, ink.bid, 'end'), line('Offered at this price', supply, ink.offer, 'end')],
    };
  }, [depth, ink, tick]);
  return <Plot option={option} height={290} label="GPUs wanted and offered at each price" />;
}
