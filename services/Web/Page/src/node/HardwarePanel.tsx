import type { NodeDetail } from '../api/types';
import { Facts } from '../ui/figures';
import { Panel } from '../ui/Panel';
import ui from '../ui/ui.module.css';
import { formatBytes, formatMegabits } from '../words/units';

type HardwarePanelProps = { node: NodeDetail; inventory: NonNullable<NodeDetail['inventory']>; className: string | undefined };

/** What the host has. */
export function HardwarePanel({ node, inventory, className }: HardwarePanelProps) {
  const linked = inventory.gpus.length > 1 && inventory.gpus.every((gpu) => gpu.nvlink_peers.length === inventory.gpus.length - 1);
  return (
    <Panel title="Host" note={inventory.origin === 'nvml' ? 'as the agent found it' : 'from an inventory file'} className={className}>
      <Facts
        rows={[
          { name: 'GPUs, as the driver names them', value: namesOf(inventory.gpus) },
          { name: 'Driver', value: inventory.driver_version ? `${inventory.driver_version}${inventory.cuda_version ? `, CUDA up to ${inventory.cuda_version}` : ''}` : 'none' },
          { name: 'NVLink', value: linked ? 'between all GPUs' : inventory.gpus.some((gpu) => gpu.nvlink_peers.length) ? 'between some GPUs' : 'none' },
          { name: 'CPU', value: `${inventory.cpu_count} cores${inventory.cpu_model ? `, ${inventory.cpu_model}` : ''}` },
          { name: 'Memory', value: formatBytes(inventory.memory_bytes) },
          { name: 'Disk', value: `${formatBytes(inventory.disk_free_bytes)} free of ${formatBytes(inventory.disk_bytes)}` },
          { name: 'Network', value: formatMegabits(inventory.network_mbps) },
          { name: 'Runners', value: inventory.runners.join(', ') || 'none' },
          { name: 'System', value: inventory.system || '–' },
          { name: 'Agent', value: node.agent_version || '–' },
          { name: 'Node id', value: <span className={ui.mono}>{node.node_id}</span> },
        ]}
      />
    </Panel>
  );
}

/** 8 × NVIDIA H100 80GB HBM3: how many there are of each name, and which are split. */
function namesOf(gpus: HardwarePanelProps['inventory']['gpus']): string {
  const counts = new Map<string, number>();
  for (const gpu of gpus) {
    const name = `${gpu.name}${gpu.mig ? ', split (MIG)' : ''}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} × ${name}`).join('; ') || 'none';
}
