import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'wouter';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useMarkets } from '../api/market';
import { useDeed, useNodes } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { Node } from '../api/types';
import { Copied } from '../ui/Copied';
import { Badge, Countdown } from '../ui/figures';
import { Simulated } from '../ui/Simulated';
import { Message } from '../ui/states';
import styles from '../ui/form.module.css';
import { partsOfMarkets } from '../words/markets';
import { stateTones } from '../words/nodes';
import { instantOf } from '../words/time';

const shown = ['region', 'name', 'country', 'location', 'minutes'];
const askAgainMilliseconds = 3_000;

/** Makes a one-time token for a host, says what to type there, and waits until the host appears. */
export function HostDialog({ onClose }: { onClose: () => void }) {
  const markets = useMarkets();
  const nodes = useNodes();
  const queries = useQueryClient();
  const [draft, setDraft] = useState({ region: '', name: '', country: '', location: '' });
  const [known, setKnown] = useState<ReadonlySet<string> | null>(null);
  const make = useDeed(() => answer(exchange.POST('/v1/node-tokens', { body: { ...draft, country: draft.country.trim().toUpperCase(), minutes: 0 } })), []);
  const complaints = sortComplaints(make.error, shown);
  const token = make.data;
  const arrived = known && nodes.data ? nodes.data.nodes.filter((node) => !known.has(node.node_id)) : [];

  useEffect(() => {
    if (!token) return;
    const timer = window.setInterval(() => void queries.invalidateQueries({ queryKey: keys.nodes }), askAgainMilliseconds);
    return () => window.clearInterval(timer);
  }, [token, queries]);

  const field = (name: keyof typeof draft) => ({
    autoComplete: 'off',
    value: draft[name],
    error: complaints.fields[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setDraft((before) => ({ ...before, [name]: value }));
    },
  });
  return (
    <Modal opened onClose={onClose} title="Add a host" size="lg">
      {token ? (
        <Stack gap="md">
          <div>
            <h3 className={styles.step}>On the host, type</h3>
            <Copied label="the command" text={token.command} testId="enrol-command" />
            <p className={styles.hint}>
              Then start the agent: cx-agent run. The command holds a token for one host and one time, which is shown only here. It ends in <Countdown to={instantOf(token.expires_time)} />. The host connects to{' '}
              {token.agent_address}; nothing connects to the host.
            </p>
          </div>
          <div aria-live="polite">
            {arrived.length ? (
              arrived.map((node) => <Arrived key={node.node_id} node={node} />)
            ) : (
              <Message tone="warn">Waiting for the host. It appears here a moment after it was enrolled.</Message>
            )}
          </div>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => make.reset()}>
              Another host
            </Button>
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form
          noValidate autoComplete="off"
          onSubmit={(event) => {
            event.preventDefault();
            setKnown(new Set(nodes.data?.nodes.map((node) => node.node_id)));
            make.mutate(undefined);
          }}
        >
          <Stack gap="sm">
            <p className={styles.hint}>
              The agent finds the GPUs through the driver; the class is decided from what the driver reports. A host without GPUs can be played from an inventory file, in
              regions that begin with sim.
            </p>
            <TextInput
              label="Region" description="The part of a market’s name after the dot." placeholder="us-east" required list="regions" data-autofocus {...field('region')}
            />
            <datalist id="regions">
              {partsOfMarkets(markets.data?.markets.map((one) => one.market) ?? [], 'region').map((region) => (
                <option key={region} value={region} />
              ))}
            </datalist>
            <TextInput label="Name" description="Empty: the host’s own name." placeholder="rack-4-node-2" maxLength={100} {...field('name')} />
            <div className={styles.pair}>
              <TextInput label="Country" description="Two letters, for example DE." placeholder="DE" maxLength={2} {...field('country')} />
              <TextInput label="City" description="May be empty." placeholder="Frankfurt" maxLength={100} {...field('location')} />
            </div>
            {complaints.rest ? <Message tone="bad">{complaints.rest}</Message> : null}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                Back
              </Button>
              <Button type="submit" loading={make.isPending} disabled={!draft.region.trim()}>
                Make a token
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function Arrived({ node }: { node: Node }) {
  return (
    <Message tone="good">
      <strong>{node.name || node.node_id}</strong> is here: {node.product_class || 'no class fits what its driver reports'}, {node.market}.{' '}
      <Badge tone={stateTones[node.state]}>{node.state}</Badge> {node.simulated ? <Simulated /> : null} <Link href={`/nodes/${node.node_id}`}>See the node</Link>
    </Message>
  );
}
