import {
  createChart, ColorType, CrosshairMode, HistogramSeries, LineSeries, LineType, type IChartApi, type ISeriesApi, type Logical, type Time, type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef, useState } from 'react';
import { useZone } from '../app/zone';
import { formatPrice, formatGpuHours } from '../words/money';
import { clockTime, dayAndTime, shortDay } from '../words/time';
import styles from './charts.module.css';
import { useInk } from './ink';

/** One line of prices: instants and micro-dollars per GPU-hour, oldest first. */
export type PriceLine = { name: string; strong: boolean; points: { at: number; micros: number }[] };

type PriceChartProps = {
  lines: PriceLine[];
  /** GPU-minutes sold in each slot, as bars below. */
  volume: { at: number; gpuMinutes: number }[];
  steps: boolean;
  /** The length of a slot in milliseconds: the time axis has a place for each, sold or not. */
  slotLength: number;
  tick: number;
  label: string;
  /** Where a line marks the present; null leaves it out. */
  now: number | null;
};

const toTime = (at: number) => Math.floor(at / 1_000) as UTCTimestamp;
const toInstant = (time: Time) => (typeof time === 'number' ? time * 1_000 : 0);

/** Prices over time, one line a market. */
export default function PriceChart({ lines, volume, steps, slotLength, tick, label, now }: PriceChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<IChartApi | null>(null);
  const series = useRef<ISeriesApi<'Line'>[]>([]);
  const bars = useRef<ISeriesApi<'Histogram'> | null>(null);
  const drawn = useRef({ lines, volume });
  const [hovered, setHovered] = useState<{ at: number; values: (number | null)[]; sold: number | null } | null>(null);
  const [nowAt, setNowAt] = useState<number | null>(null);
  const zone = useZone();
  const ink = useInk();
  const names = lines.map((line) => `${line.name}${line.strong ? '*' : ''}`).join(' ');

  useEffect(() => {
    if (!place.current) return;
    const made = createChart(place.current, {
      autoSize: true,
      layout: {
        background: { type: ColorType.Solid, color: ink.panel }, textColor: ink.text, fontFamily: ink.font, fontSize: 11, attributionLogo: false,
      },
      grid: { vertLines: { color: ink.faint }, horzLines: { color: ink.faint } },
      rightPriceScale: { borderColor: ink.line, scaleMargins: { top: 0.06, bottom: 0.24 } },
      crosshair: { mode: CrosshairMode.Magnet, vertLine: { labelBackgroundColor: ink.text }, horzLine: { labelBackgroundColor: ink.text } },
      timeScale: {
        borderColor: ink.line,
        timeVisible: true,
        minBarSpacing: 0.1,
        rightOffset: 2,
        lockVisibleTimeRangeOnResize: true,
        tickMarkFormatter: (time: Time, mark: number) => (mark < 3 ? shortDay(toInstant(time), zone) : clockTime(toInstant(time), zone)),
      },
      localization: {
        timeFormatter: (time: Time) => dayAndTime(toInstant(time), zone),
        priceFormatter: (dollars: number) => (dollars < 0 ? '' : formatPrice(Math.round(dollars * 1e6), tick)),
      },
    });
    chart.current = made;
    bars.current = made.addSeries(HistogramSeries, { priceScaleId: 'volume', color: ink.line, lastValueVisible: false, priceLineVisible: false });
    made.priceScale('volume').applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
    series.current = names.split(' ').filter(Boolean).map((name, index) =>
      made.addSeries(LineSeries, {
        color: ink.lines[index % ink.lines.length] ?? ink.accent,
        lineWidth: name.endsWith('*') ? 2 : 1,
        lineType: steps ? LineType.WithSteps : LineType.Simple,
        priceLineVisible: false,
        lastValueVisible: name.endsWith('*'),
        crosshairMarkerRadius: 3,
      }),
    );
    made.subscribeCrosshairMove((move) => {
      if (move.time === undefined) {
        setHovered(null);
        return;
      }
      const at = toInstant(move.time);
      const { lines: shown, volume: sold } = drawn.current;
      setHovered({
        at,
        values: shown.map((line) => line.points.find((point) => toTime(point.at) === move.time)?.micros ?? null),
        sold: sold.find((bar) => bar.at === at)?.gpuMinutes ?? null,
      });
    });
    return () => {
      made.remove();
      chart.current = null;
      series.current = [];
      bars.current = null;
    };
  }, [ink, names, steps, tick, zone]);

  useEffect(() => {
    drawn.current = { lines, volume };
    lines.forEach((line, index) => {
      series.current[index]?.setData(steps ? broken(line.points, slotLength) : line.points.map(toPoint));
    });
    bars.current?.setData(steps ? everySlot(lines, volume, slotLength) : []);
  }, [lines, volume, slotLength, ink, names, steps, tick, zone]);

  const first = lines.reduce((least, line) => Math.min(least, line.points[0]?.at ?? Infinity), Infinity);
  const last = lines.reduce((most, line) => Math.max(most, line.points.at(-1)?.at ?? 0), 0);
  useEffect(() => {
    // The chart learns its width a moment after it is made.
    const frame = requestAnimationFrame(() => chart.current?.timeScale().fitContent());
    return () => cancelAnimationFrame(frame);
  }, [first, last, ink, names, steps, tick, zone]);

  useEffect(() => {
    const scale = chart.current?.timeScale();
    if (!scale) return;
    const mark = () => {
      const index = now === null || now < first || now > last + slotLength ? null : scale.timeToIndex(toTime(now), true);
      setNowAt(index === null ? null : scale.logicalToCoordinate(index as unknown as Logical));
    };
    const frame = requestAnimationFrame(mark);
    scale.subscribeVisibleTimeRangeChange(mark);
    return () => {
      cancelAnimationFrame(frame);
      scale.unsubscribeVisibleTimeRangeChange(mark);
    };
  }, [now, first, last, slotLength, ink, names, steps, tick, zone]);

  return (
    <figure className={styles.figure}>
      <ul className={styles.legend}>
        {lines.map((line, index) => {
          const micros = hovered ? hovered.values[index] : line.points.at(-1)?.micros;
          return (
            <li key={line.name} style={{ color: ink.lines[index % ink.lines.length], fontWeight: line.strong ? 600 : 400 }}>
              {line.name} {micros === null || micros === undefined ? '–' : formatPrice(micros, tick)}
            </li>
          );
        })}
        {hovered ? (
          <li className={styles.when}>
            {dayAndTime(hovered.at, zone)}
            {hovered.sold ? ` · ${formatGpuHours(hovered.sold)} GPU-h sold` : ''}
          </li>
        ) : null}
      </ul>
      <div className={styles.canvas} ref={place} role="img" aria-label={label}>
        {nowAt === null ? null : (
          <div className={styles.now} style={{ left: nowAt }}>
            <span>now</span>
          </div>
        )}
      </div>
    </figure>
  );
}

const toPoint = (point: { at: number; micros: number }) => ({ time: toTime(point.at), value: point.micros / 1e6 });

const unseen = { color: 'transparent' };

/** The points of a line that ends with the last slot sold before a gap, and begins again at its own height after it. */
function broken(points: PriceLine['points'], slotLength: number) {
  return points.flatMap((point, index) => {
    const next = points[index + 1];
    const end = toPoint({ at: point.at + slotLength, micros: point.micros });
    if (!next) return [toPoint(point), end];
    const gap = next.at - end.time * 1_000;
    if (gap <= 0) return [toPoint(point)];
    const again = toPoint({ at: next.at - slotLength, micros: next.micros });
    return gap <= slotLength ? [toPoint(point), { ...end, ...unseen }] : [toPoint(point), { ...end, ...unseen }, { ...again, ...unseen }];
  });
}

const mostSlots = 20_000;

/** A bar for every slot from the first price to the last; empty where nothing was sold, so that the axis is true to time. */
function everySlot(lines: PriceLine[], volume: PriceChartProps['volume'], slotLength: number) {
  const sold = new Map(volume.map((bar) => [bar.at, bar.gpuMinutes]));
  const times = lines.flatMap((line) => line.points.map((point) => point.at));
  const first = Math.min(...times);
  const count = times.length ? (Math.max(...times) - first) / slotLength + 1 : 0;
  if (count > mostSlots) return volume.map((bar) => ({ time: toTime(bar.at), value: bar.gpuMinutes }));
  return Array.from({ length: count }, (_, index) => {
    const at = first + index * slotLength;
    const value = sold.get(at);
    return value === undefined ? { time: toTime(at) } : { time: toTime(at), value };
  });
}
