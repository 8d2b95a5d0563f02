import { Button } from '@mantine/core';
import { useState } from 'react';
import { useMarkets } from '../api/market';
import type { NodeDetail } from '../api/types';
import { useZone } from '../app/zone';
import { Badge, Price } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty } from '../ui/states';
import styles from '../ui/form.module.css';
import { PolicyDialog } from './PolicyDialog';
import { policyInWords } from './policy';

type PolicyPanelProps = { node: NodeDetail; mayChange: boolean; className: string | undefined };

/** How a node is sold while it is idle, in plain words, and where the moving price stands. */
export function PolicyPanel({ node, mayChange, className }: PolicyPanelProps) {
  const settings = useMarkets().data?.settings;
  const zone = useZone();
  const [changing, setChanging] = useState(false);
  const { policy } = node;
  const gpus = node.inventory?.gpus.length ?? node.sellable_gpu_count;
  const repricer = policy?.enabled && policy.repricer?.enabled ? policy.repricer : null;
  return (
    <Panel
      title="Sold while idle"
      note={policy ? <Badge tone={policy.enabled ? 'good' : 'calm'}>{policy.enabled ? 'on' : 'off'}</Badge> : undefined}
      className={className}
      tools={
        mayChange && settings ? (
          <Button variant="default" onClick={() => setChanging(true)}>
            Change policy
          </Button>
        ) : null
      }
    >
      {policy && settings ? (
        <div className={styles.form}>
          <ul className={styles.say} aria-label="What the policy does">
            {policyInWords(policy, gpus, settings.tick_micros, zone).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
          {repricer ? (
            <p>
              The price now: <strong><Price micros={repricer.reserve_micros_per_gpu_hour > 0 ? repricer.reserve_micros_per_gpu_hour : undefined} /></strong>. {repricer.explanation}
            </p>
          ) : null}
        </div>
      ) : (
        <Empty title="No policy yet">
          {node.state === 'declared'
            ? 'This node was registered by hand: it is sold by the offers that you place. A host with an agent can be sold by a policy while it is idle.'
            : 'A policy offers the node’s idle GPUs by itself, for no less than you say. Without one they are sold by the offers that you place.'}
        </Empty>
      )}
      {changing && settings ? <PolicyDialog node={node} settings={settings} gpus={gpus} onClose={() => setChanging(false)} /> : null}
    </Panel>
  );
}
