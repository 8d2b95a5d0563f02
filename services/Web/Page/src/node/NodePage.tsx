import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link, useParams } from 'wouter';
import { answer, exchange } from '../api/client';
import { useNode } from '../api/delivery';
import { keys } from '../api/keys';
import { useDeed } from '../api/own';
import { asProblem } from '../api/problem';
import type { NodeDetail } from '../api/types';
import { PageTitle } from '../app/Shell';
import shell from '../app/shell.module.css';
import { NeedsRole } from '../session/NeedsRole';
import { useSession } from '../session/session';
import { Badge, Stat, Stats, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Simulated } from '../ui/Simulated';
import { Empty, Failed, Message, Waiting } from '../ui/states';
import { shortId } from '../words/ids';
import { presenceTones, presenceWords, stateMeanings, stateTones } from '../words/nodes';
import { formatScore } from '../words/units';
import { GpusPanel } from './GpusPanel';
import { HardwarePanel } from './HardwarePanel';
import { MaintenancePanel } from './MaintenancePanel';
import { NodeEventsPanel } from './NodeEventsPanel';
import { PolicyPanel } from './PolicyPanel';
import { ScorePanel } from './ScorePanel';
import { StateDialog, type StateDeed } from './StateDialog';
import { TestPanel } from './TestPanel';

/** One node, whole: what it is, whether it can be believed, what it does, and how it is sold. */
export default function NodePage() {
  const { id } = useParams<{ id: string }>();
  return (
    <NeedsRole roles={['provider', 'operator', 'auditor']} purpose="Here providers see their nodes, and operators everyone’s." demo={(name) => !name.startsWith('buyer')}>
      <Loaded nodeId={id} />
    </NeedsRole>
  );
}

function Loaded({ nodeId }: { nodeId: string }) {
  const node = useNode(nodeId);
  if (node.data) return <Node node={node.data} />;
  if (!node.isError)
    return (
      <>
        <PageTitle title={`Node ${shortId(nodeId)}`} />
        <Waiting height={400} />
      </>
    );
  if (asProblem(node.error).status === 404)
    return (
      <>
        <PageTitle title={`Node ${shortId(nodeId)}`} />
        <Panel title="The node">
          <Empty title="There is no such node" action={<Link href="/provide">To your nodes</Link>}>
            {asProblem(node.error).message}
          </Empty>
        </Panel>
      </>
    );
  return (
    <>
      <PageTitle title={`Node ${shortId(nodeId)}`} />
      <Panel title="The node">
        <Failed what="The node" failure={node.error} retry={() => void node.refetch()} />
      </Panel>
    </>
  );
}

function Node({ node }: { node: NodeDetail }) {
  const { session, has } = useSession();
  const [asking, setAsking] = useState<StateDeed | null>(null);
  const owner = session.participant_id === node.provider_id;
  const operator = has('operator');
  const retired = node.state === 'retired';
  const hasAgent = node.state !== 'declared';
  const name = node.name || shortId(node.node_id);
  const test = useDeed(() => answer(exchange.POST('/v1/nodes/{node_id}/tests', { params: { path: { node_id: node.node_id } }, body: {} })), [keys.nodes]);
  const where = [node.location, node.country].filter(Boolean).join(', ');
  return (
    <>
      <div className={shell.titled}>
        <PageTitle title={name}>
          {node.market}
          {where ? ` · ${where}` : ''} {node.simulated ? <Simulated /> : null}
        </PageTitle>
        <div className={shell.deeds}>
          {hasAgent && !retired && (owner || operator) ? (
            <Button variant="default" loading={test.isPending} onClick={() => test.mutate(undefined)}>
              Test now
            </Button>
          ) : null}
          {operator && hasAgent && !retired ? (
            <Button variant="default" onClick={() => setAsking(node.state === 'suspended' ? 'unverified' : 'suspended')}>
              {node.state === 'suspended' ? 'Lift the suspension…' : 'Suspend…'}
            </Button>
          ) : null}
          {(owner || operator) && hasAgent && !retired ? (
            <Button variant="default" color="red" onClick={() => setAsking('retired')}>
              Retire…
            </Button>
          ) : null}
        </div>
      </div>
      {test.isError ? <Message tone="bad">{asProblem(test.error).message}</Message> : null}
      {test.isSuccess ? <Message tone="good">A self-test was asked for. It is made as soon as GPUs of the node are free.</Message> : null}
      <Stats label="The node">
        <Stat
          label="State"
          value={<Badge tone={stateTones[node.state]}>{node.state}</Badge>}
          sub={
            <>
              {node.state_reason || stateMeanings[node.state]} {node.state_time ? <>Set {byWhom(node.state_by, session.participant_id)}, <Time at={node.state_time} />.</> : null}
            </>
          }
        />
        <Stat
          label="Heard of"
          value={<Badge tone={presenceTones[node.presence]}>{presenceWords[node.presence]}</Badge>}
          sub={node.last_seen_time ? <>last <Time at={node.last_seen_time} /></> : 'its provider reports by hand'}
        />
        <Stat label="GPUs for sale" value={`${node.sellable_gpu_count} of ${node.inventory?.gpus.length ?? node.sellable_gpu_count}`} sub={node.not_sellable_reason || 'all that it has'} />
        <Stat label="Class" value={node.product_class || '–'} sub={node.product_class ? 'as its driver reports' : hasAgent ? 'none fits what its driver reports' : 'as its market says'} />
        <Stat label="Score" value={hasAgent ? formatScore(node.reputation.score_ppm) : '–'} sub={hasAgent ? 'what bids can ask for' : 'only nodes with an agent have one'} />
      </Stats>
      <div className={shell.grid}>
        {hasAgent ? <GpusPanel node={node} className={shell.w8} /> : null}
        <ScorePanel reputation={node.reputation} scored={hasAgent} className={hasAgent ? shell.w4 : shell.w5} />
        <PolicyPanel node={node} mayChange={owner && hasAgent && !retired} className={shell.w7} />
        {hasAgent ? <MaintenancePanel node={node} mayChange={owner && !retired} className={shell.w5} /> : null}
        {hasAgent ? <TestPanel test={node.last_test} className={shell.w7} /> : null}
        {node.inventory ? <HardwarePanel node={node} inventory={node.inventory} className={shell.w5} /> : null}
        <NodeEventsPanel nodeId={node.node_id} own={session.participant_id ?? ''} />
      </div>
      {asking ? <StateDialog node={node} name={name} deed={asking} onClose={() => setAsking(null)} /> : null}
    </>
  );
}

/** Who put a node into its state. */
const byWhom = (by: string, own: string | null | undefined): string => (by === own ? 'by you' : by === 'exchange' || !by ? 'by the exchange' : `by ${shortId(by)}`);
