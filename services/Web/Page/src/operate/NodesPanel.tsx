import { Button, Group, Select, TextInput } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useParticipants } from '../api/operate';
import { useNodes } from '../api/own';
import type { Node, NodeState } from '../api/types';
import { StateDialog, type StateDeed } from '../node/StateDialog';
import { useSession } from '../session/session';
import { DataTable } from '../ui/DataTable';
import { Badge, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Simulated } from '../ui/Simulated';
import { Empty } from '../ui/states';
import { shortId } from '../words/ids';
import { presenceTones, presenceWords, stateTones } from '../words/nodes';
import { formatScore } from '../words/units';

const states: { value: NodeState | ''; label: string }[] = [
  { value: '', label: 'Any state' }, { value: 'declared', label: 'Declared' }, { value: 'unverified', label: 'Unverified' }, { value: 'verified', label: 'Verified' },
  { value: 'suspended', label: 'Suspended' }, { value: 'retired', label: 'Retired' },
];

/** Everyone's nodes with their states: to suspend, to lift a suspension, to retire. */
export function NodesPanel() {
  const nodes = useNodes();
  const participants = useParticipants();
  const { has } = useSession();
  const operator = has('operator');
  const [filter, setFilter] = useState('');
  const [state, setState] = useState('');
  const [asking, setAsking] = useState<{ node: Node; deed: StateDeed } | null>(null);
  const names = useMemo(() => new Map(participants.data?.participants.map((one) => [one.participant_id, one.name])), [participants.data]);
  const rows = useMemo(() => {
    const word = filter.toLowerCase();
    return nodes.data?.nodes.filter(
      (one) =>
        (!state || one.state === state) &&
        [one.name, one.node_id, one.market, one.location, names.get(one.provider_id) ?? ''].some((part) => part.toLowerCase().includes(word)),
    );
  }, [nodes.data, filter, state, names]);
  const columns = useMemo(() => {
    const column = createColumnHelper<Node>();
    return [
      column.accessor('name', {
        header: 'Node',
        cell: ({ row }) => (
          <>
            <Link href={`/nodes/${row.original.node_id}`} title={row.original.node_id}>
              <strong>{row.original.name || shortId(row.original.node_id)}</strong>
            </Link>{' '}
            {row.original.simulated ? <Simulated /> : null}
          </>
        ),
      }),
      column.accessor((one) => names.get(one.provider_id) ?? shortId(one.provider_id), { id: 'provider', header: 'Provider' }),
      column.accessor('state', { header: 'State', cell: (cell) => <Badge tone={stateTones[cell.getValue()]}>{cell.getValue()}</Badge> }),
      column.accessor('presence', { header: 'Heard of', cell: ({ row }) => <><Badge tone={presenceTones[row.original.presence]}>{presenceWords[row.original.presence]}</Badge>{row.original.presence === 'lost' ? <>, last <Time at={row.original.last_seen_time} /></> : null}</> }),
      column.accessor('market', { header: 'Market' }),
      column.accessor('gpu_count', { header: 'For sale', meta: { right: true } }),
      column.accessor('leased_gpu_count', { header: 'Leased', meta: { right: true } }),
      column.accessor('reliability_ppm', { header: 'Score', meta: { right: true }, cell: (cell) => formatScore(cell.getValue()) }),
      column.display({
        id: 'act',
        header: () => <span className="visually-hidden">Suspend, lift or retire</span>,
        cell: ({ row }) => {
          const node = row.original;
          const name = node.name || node.node_id;
          if (!operator || node.state === 'declared' || node.state === 'retired') return null;
          return (
            <Group gap={4} wrap="nowrap">
              <Button
                variant="default" size="compact-xs" aria-label={`${node.state === 'suspended' ? 'Lift the suspension of' : 'Suspend'} ${name}`}
                onClick={() => setAsking({ node, deed: node.state === 'suspended' ? 'unverified' : 'suspended' })}
              >
                {node.state === 'suspended' ? 'Lift' : 'Suspend'}
              </Button>
              <Button variant="default" size="compact-xs" aria-label={`Retire ${name}`} onClick={() => setAsking({ node, deed: 'retired' })}>
                Retire
              </Button>
            </Group>
          );
        },
      }),
    ];
  }, [names, operator]);
  return (
    <Panel
      title="Nodes" flush
      tools={
        <>
          <Select aria-label="State of the nodes" data={states} allowDeselect={false} w={130} value={state} onChange={(value) => setState(value ?? '')} />
          <TextInput aria-label="Filter nodes" placeholder="Name, provider, market" value={filter} onChange={(event) => setFilter(event.currentTarget.value)} />
        </>
      }
    >
      <DataTable
        label="Nodes" rows={rows} columns={columns} rowKey={(node) => node.node_id} loading={nodes} first={50} skeletonRows={12} below={(node) => node.state_reason}
        empty={filter || state ? <Empty title="No node fits">Try another state, or a part of a name.</Empty> : <Empty title="No nodes yet">Providers enrol their hosts on the Provide page.</Empty>}
      />
      {asking ? <StateDialog node={asking.node} name={asking.node.name || shortId(asking.node.node_id)} deed={asking.deed} onClose={() => setAsking(null)} /> : null}
    </Panel>
  );
}
