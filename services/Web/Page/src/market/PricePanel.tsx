import { Button, SegmentedControl, Select } from '@mantine/core';
import { lazy, Suspense, useEffect, useMemo } from 'react';
import { useSlotPrices, useSpotPrices } from '../api/market';
import type { SpotPricePoint } from '../api/types';
import { useAddress, useSetAddress } from '../app/address';
import type { PriceLine } from '../charts/PriceChart';
import { useNow } from '../live/clock';
import { useTick } from '../ui/tick';
import { Panel } from '../ui/Panel';
import { Empty, Failed, Waiting } from '../ui/states';
import { partsOfMarkets, splitMarket } from '../words/markets';
import { formatPrice } from '../words/money';
import { day, hour, instantOf, minute, wireTime } from '../words/time';
import { useSlots } from './board';

const loadChart = () => import('../charts/PriceChart');
const PriceChart = lazy(loadChart);

const spans = [
  { value: '1', label: '1 d' },
  { value: '7', label: '7 d' },
  { value: '30', label: '30 d' },
  { value: 'all', label: 'All' },
];
const mostLines = 8;
const height = 330;

/** Prices over time by class and region, a line a market; the range and the choice are in the address. */
export function PricePanel({ className, market }: { className: string | undefined; market: string }) {
  const { markets, current, schedule } = useSlots();
  const [gpu] = useAddress('class', splitMarket(market).gpu);
  const [region] = useAddress('region', 'all');
  const [span] = useAddress('span', '7');
  const [by, setBy] = useAddress('by', 'slot');
  const [from] = useAddress('from');
  const [to] = useAddress('to');
  const setAddress = useSetAddress();
  const tick = useTick();
  const now = useNow(hour);
  // The chart's program comes while the prices are on their way.
  useEffect(() => void loadChart(), []);

  const names = useMemo(() => markets.data?.markets.map((one) => one.market) ?? [], [markets.data]);
  const chosen = useMemo(() => {
    const wanted = names.filter((name) => {
      const parts = splitMarket(name);
      return (gpu === 'all' || parts.gpu === gpu) && (region === 'all' || parts.region === region);
    });
    const sorted = wanted.includes(market) ? [market, ...wanted.filter((name) => name !== market)] : wanted;
    return sorted.slice(0, mostLines);
  }, [names, gpu, region, market]);

  const fixed = from !== '' || to !== '';
  const start = fixed ? from : span === 'all' || current === null ? '' : wireTime(current - Number(span) * day);
  const one = chosen.length === 1 ? (chosen[0] ?? '') : '';
  const bySlot = by !== 'run';
  const ready = current !== null && chosen.length > 0;
  const slots = useSlotPrices(one, start, to, ready && bySlot);
  const runs = useSpotPrices(market, start, to, ready && !bySlot && market !== '');

  const lines = useMemo((): PriceLine[] => {
    if (!bySlot) return [{ name: market, strong: true, points: byRun(runs.data ?? []) }];
    return chosen.map((name) => ({
      name,
      strong: name === market || chosen.length === 1,
      points: (slots.data ?? [])
        .filter((price) => price.market === name)
        .map((price) => ({ at: instantOf(price.slot_time), micros: price.mean_price_micros_per_gpu_hour })),
    }));
  }, [bySlot, chosen, market, runs.data, slots.data]);
  const volume = useMemo(
    () =>
      !bySlot
        ? []
        : (slots.data ?? [])
            .filter((price) => price.market === (chosen.includes(market) ? market : chosen[0]))
            .map((price) => ({ at: instantOf(price.slot_time), gpuMinutes: price.gpu_minutes })),
    [bySlot, chosen, market, slots.data],
  );

  const query = bySlot ? slots : runs;
  const count = lines.reduce((sum, line) => sum + line.points.length, 0);
  const values = lines[0]?.points.map((point) => point.micros) ?? [];
  const label = values.length
    ? `Prices of ${lines.map((line) => line.name).join(', ')}. ${lines[0]?.name ?? ''}: last ${formatPrice(values.at(-1) ?? 0, tick)}, lowest ${formatPrice(Math.min(...values), tick)}, highest ${formatPrice(Math.max(...values), tick)}.`
    : 'Prices over time';
  const classes = [{ value: 'all', label: 'All classes' }, ...partsOfMarkets(names, 'gpu').map((value) => ({ value, label: value }))];
  const regions = [{ value: 'all', label: 'All regions' }, ...partsOfMarkets(names, 'region').map((value) => ({ value, label: value }))];

  return (
    <Panel
      title="Price over time"
      className={className}
      tools={
        <>
          <Select aria-label="GPU class" data={classes} value={gpu} w={150} allowDeselect={false} disabled={!bySlot} onChange={(value) => setAddress({ class: value ?? '' })} />
          <Select aria-label="Region" data={regions} value={region} w={115} allowDeselect={false} disabled={!bySlot} onChange={(value) => setAddress({ region: value === 'all' ? '' : (value ?? '') })} />
          <SegmentedControl aria-label="Price of" value={bySlot ? 'slot' : 'run'} onChange={setBy} data={[{ value: 'slot', label: 'By slot' }, { value: 'run', label: 'By run' }]} />
          {fixed ? (
            <Button variant="default" onClick={() => setAddress({ from: '', to: '' })}>
              Clear range
            </Button>
          ) : (
            <SegmentedControl aria-label="Range" value={span} data={spans} onChange={(value) => setAddress({ span: value === '7' ? '' : value })} />
          )}
        </>
      }
    >
      <div style={{ height }}>
        {query.isError && !query.data ? (
          <Failed what="Prices" failure={query.error} retry={() => void query.refetch()} />
        ) : !query.data ? (
          <Waiting height={height} />
        ) : count === 0 ? (
          <Empty
            title="Nothing was sold in this range"
            action={<Button variant="default" onClick={() => setAddress({ span: 'all', from: '', to: '', class: '', region: '' })}>Show the whole history</Button>}
          >
            A price is made only where a run sells something. {from || to ? '' : 'Choose a longer range or another market.'}
          </Empty>
        ) : (
          <Suspense fallback={<Waiting height={height} />}>
            <PriceChart lines={lines} volume={volume} steps={bySlot} slotLength={schedule.slot_minutes * minute} tick={tick} label={label} now={bySlot ? now : null} />
          </Suspense>
        )}
      </div>
    </Panel>
  );
}

/** The price of each run: of the nearest slot it sold. */
function byRun(points: SpotPricePoint[]): { at: number; micros: number }[] {
  const nearest = new Map<number, SpotPricePoint>();
  for (const point of points) {
    const known = nearest.get(point.run_id);
    if (!known || point.slot_time < known.slot_time) nearest.set(point.run_id, point);
  }
  const byTime = new Map([...nearest.values()].map((point) => [instantOf(point.cleared_time), point.price_micros_per_gpu_hour]));
  return [...byTime].map(([at, micros]) => ({ at, micros })).sort((before, after) => before.at - after.at);
}
