import { useMemo } from 'react';
import { fixedDollars, formatMoney } from '../words/money';
import { useInk } from './ink';
import Plot from './Plot';

export type DaySeries = { name: string; tone: 'bid' | 'offer' | 'accent' | 'bad'; micros: number[] };

/** Money by UTC day, as stacked bars. */
export default function DayBars({ days, series, label, height = 240 }: { days: string[]; series: DaySeries[]; label: string; height?: number }) {
  const ink = useInk();
  const option = useMemo(
    () => ({
      textStyle: { fontFamily: ink.font },
      grid: { left: 56, right: 8, top: series.length > 1 ? 28 : 12, bottom: 24 },
      legend: { show: series.length > 1, top: 0, left: 0, itemWidth: 10, itemHeight: 8, textStyle: { color: ink.text, fontSize: 12 } },
      tooltip: {
        trigger: 'axis', backgroundColor: ink.panel, borderColor: ink.line, textStyle: { color: ink.ink, fontSize: 12 },
        valueFormatter: (value: number) => formatMoney(value),
      },
      xAxis: {
        type: 'category', data: days, axisLabel: { color: ink.text, fontSize: 11, formatter: (text: string) => text.slice(5) },
        axisLine: { lineStyle: { color: ink.line } }, axisTick: { show: false },
      },
      yAxis: {
        type: 'value', axisLabel: { color: ink.text, fontSize: 11, formatter: (value: number) => fixedDollars(value, 0) },
        splitLine: { lineStyle: { color: ink.faint } }, splitNumber: 4,
      },
      series: series.map((one) => ({ name: one.name, type: 'bar', stack: 'all', data: one.micros, color: ink[one.tone], barMaxWidth: 28 })),
    }),
    [days, series, ink],
  );
  return <Plot option={option} height={height} label={label} />;
}
