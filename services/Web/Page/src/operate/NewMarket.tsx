import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import { Message } from '../ui/states';
import { newId } from '../words/ids';

/** Defines a market: a class of GPU in a region. */
export function NewMarket() {
  const [opened, setOpened] = useState(false);
  const [name, setName] = useState('');
  const [requestId, setRequestId] = useState(newId);
  const define = useDeed(
    () => answer(exchange.POST('/v1/markets', { body: { request_id: requestId, market: { market: name.trim(), state: 'open' } } })),
    [keys.markets, keys.audit],
  );
  const complaints = sortComplaints(define.error, ['market', 'market.market']);
  const close = () => {
    setOpened(false);
    setName('');
    setRequestId(newId());
    define.reset();
  };
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        Define a market
      </Button>
      <Modal opened={opened} onClose={close} title="Define a market">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            define.mutate(undefined, { onSuccess: close });
          }}
        >
          <Stack gap="sm">
            <TextInput
              label="Name" description="Class, form and memory of the GPU, a dot, the region." placeholder="H100-SXM-80GB.us-east" required data-autofocus value={name}
              error={complaints.fields.market ?? complaints.fields['market.market']}
              onChange={(event) => {
                setName(event.currentTarget.value);
                setRequestId(newId());
              }}
            />
            {complaints.rest ? <Message tone="bad">{complaints.rest}</Message> : null}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={close}>
                Back
              </Button>
              <Button type="submit" loading={define.isPending}>
                Define
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
