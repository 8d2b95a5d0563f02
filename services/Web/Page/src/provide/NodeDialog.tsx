import { Button, Group, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useMarkets } from '../api/market';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { Node } from '../api/types';
import { Message } from '../ui/states';
import { newId } from '../words/ids';

const shown = ['name', 'market', 'gpu_count', 'location'];

/** Registers a node, or changes one. Its market stays for its life. */
export function NodeDialog({ node, onClose }: { node: Node | null; onClose: () => void }) {
  const markets = useMarkets();
  const names = markets.data?.markets.map((one) => one.market) ?? [];
  const [name, setName] = useState(node?.name ?? '');
  const [market, setMarket] = useState(node?.market ?? '');
  const [gpus, setGpus] = useState<number | string>(node?.gpu_count ?? 8);
  const [location, setLocation] = useState(node?.location ?? '');
  const [nodeId] = useState(() => node?.node_id ?? newId());
  const [requestId, setRequestId] = useState(newId);
  const register = useDeed(
    () =>
      answer(
        exchange.PUT('/v1/nodes/{node_id}', {
          params: { path: { node_id: nodeId } },
          body: { request_id: requestId, name, market, gpu_count: Number(gpus), location },
        }),
      ),
    [keys.nodes, keys.offers],
  );
  const complaints = sortComplaints(register.error, shown);
  // What is written anew is another request.
  const change = (deed: () => void) => {
    deed();
    setRequestId(newId());
  };

  return (
    <Modal opened onClose={onClose} title={node ? `Change ${node.name || 'node'}` : 'Register a node'}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          register.mutate(undefined, { onSuccess: onClose });
        }}
      >
        <Stack gap="sm">
          <TextInput label="Name" placeholder="rack-4-node-2" maxLength={100} value={name} error={complaints.fields.name} data-autofocus onChange={(event) => change(() => setName(event.currentTarget.value))} />
          <Select
            label="Market" description="The class of its GPUs and where it stands; it cannot be changed later." placeholder="Choose" data={names} searchable required
            disabled={node !== null} value={market || null} error={complaints.fields.market} onChange={(value) => change(() => setMarket(value ?? ''))}
          />
          <NumberInput
            label="GPUs" description="How many can be sold; 0 takes the node out of the market." min={0} max={64} allowDecimal={false} required value={gpus}
            error={complaints.fields.gpu_count} onChange={(value) => change(() => setGpus(value))}
          />
          <TextInput label="Where" placeholder="Oregon, US" maxLength={100} value={location} error={complaints.fields.location} onChange={(event) => change(() => setLocation(event.currentTarget.value))} />
          {complaints.rest ? <Message tone="bad">{complaints.rest}</Message> : null}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button type="submit" loading={register.isPending} disabled={!market}>
              {node ? 'Save' : 'Register'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
