import { createColumnHelper } from '@tanstack/react-table';
import { useMemo } from 'react';
import { Link } from 'wouter';
import type { GpuSample, GpuUse, NodeDetail } from '../api/types';
import { DataTable } from '../ui/DataTable';
import { Badge, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import ui from '../ui/ui.module.css';
import { useOf, usesInWords } from '../words/nodes';
import { formatBytes, formatWatts } from '../words/units';

type Gpu = { index: number; name: string; uuid: string; memory: number; powerLimit: number; mig: boolean; sample: GpuSample | undefined; use: GpuUse | undefined };

const loaded = { isPending: false, isError: false, error: null, refetch: () => undefined };

/** The GPUs of a node: what each does now, and how it is. */
export function GpusPanel({ node, className }: { node: NodeDetail; className: string | undefined }) {
  const rows = useMemo(() => gpusOf(node), [node]);
  const columns = useMemo(() => {
    const column = createColumnHelper<Gpu>();
    return [
      column.accessor('index', { header: 'GPU', cell: ({ row }) => <strong title={row.original.uuid}>{row.original.index}</strong> }),
      column.accessor((gpu) => gpu.use?.use ?? '', { id: 'use', header: 'Use', cell: ({ row }) => <Use gpu={row.original} /> }),
      column.accessor((gpu) => gpu.sample?.utilisation_percent ?? -1, { id: 'busy', header: 'Busy', meta: { right: true }, cell: ({ row }) => figure(row.original.sample?.utilisation_percent, '%') }),
      column.accessor((gpu) => gpu.sample?.temperature_celsius ?? -1, { id: 'warm', header: 'Temp.', meta: { right: true }, cell: ({ row }) => figure(row.original.sample?.temperature_celsius, ' °C') }),
      column.accessor((gpu) => gpu.sample?.memory_used_bytes ?? -1, {
        id: 'memory', header: 'Memory', meta: { right: true }, cell: ({ row }) => `${row.original.sample ? formatBytes(row.original.sample.memory_used_bytes) : '–'} of ${formatBytes(row.original.memory)}`,
      }),
      column.accessor((gpu) => gpu.sample?.power_milliwatts ?? -1, { id: 'power', header: 'Power', meta: { right: true }, cell: ({ row }) => formatWatts(row.original.sample?.power_milliwatts ?? 0) }),
      column.accessor('uuid', { header: 'UUID', enableSorting: false, cell: (cell) => <span className={ui.mono} title={cell.getValue()}>{cell.getValue().slice(0, 17)}…</span> }),
    ];
  }, []);
  return (
    <Panel title="GPUs" note={usesInWords(node.uses)} className={className} flush>
      <DataTable
        label="GPUs" rows={rows} columns={columns} rowKey={(gpu) => String(gpu.index)} loading={loaded} first={16} maxHeight={420} below={(gpu) => gpu.sample?.trouble ?? ''}
        empty={<Empty title="No GPU was found">The agent found none: no driver, or none that answers. The events below say what it said.</Empty>}
      />
    </Panel>
  );
}

function Use({ gpu }: { gpu: Gpu }) {
  const { use, sample } = gpu;
  const { word, tone } = useOf(use?.use ?? '');
  const foreign = sample?.foreign_process_count ?? 0;
  return (
    <>
      <Badge tone={tone}>{word}</Badge>
      {use?.lease_id ? <> <Link href={`/leases/${use.lease_id}`}>lease {use.lease_id}</Link></> : null}
      {use?.use === 'owner' && foreign ? <span className={ui.calm}>, {foreign} {foreign === 1 ? 'process' : 'processes'}</span> : null}
      {use?.since_time ? <span className={ui.calm}> since <Time at={use.since_time} show="clock" /></span> : null}
    </>
  );
}

const figure = (value: number | undefined, unit: string): string => (value === undefined ? '–' : `${value}${unit}`);

/** Inventory, last samples and uses put together by index; a GPU that went missing is still listed. */
function gpusOf(node: NodeDetail): Gpu[] {
  const samples = new Map(node.samples.map((one) => [one.gpu_index, one]));
  const uses = new Map(node.uses.map((one) => [one.gpu_index, one]));
  return (node.inventory?.gpus ?? []).map((gpu) => ({
    index: gpu.gpu_index, name: gpu.name, uuid: gpu.uuid, memory: gpu.memory_bytes, powerLimit: gpu.power_limit_milliwatts, mig: gpu.mig, sample: samples.get(gpu.gpu_index),
    use: uses.get(gpu.gpu_index),
  }));
}
