import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../../api/client';
import { keys } from '../../api/keys';
import { useDeed } from '../../api/own';
import type { PaymentStatus } from '../../api/types';
import { useSession } from '../../session/session';
import { Confirm } from '../../ui/Confirm';
import { Time } from '../../ui/figures';
import { Message } from '../../ui/states';
import { newId } from '../../words/ids';

/** While nothing leaves: why, and the way to resume; else the lever that stops everything. */
export function HaltBox({ status }: { status: PaymentStatus }) {
  const { has } = useSession();
  const [asking, setAsking] = useState(false);
  const [words, setWords] = useState('');
  const [requestId, setRequestId] = useState(newId);
  const done = () => {
    setAsking(false);
    setWords('');
    setRequestId(newId());
  };
  const halt = useDeed(() => answer(exchange.POST('/v1/payment-status/halt', { body: { reason: words } })), [keys.payments, keys.audit]);
  const resume = useDeed(
    () => answer(exchange.POST('/v1/proposals', { body: { request_id: requestId, resume: { explanation: words } } })),
    [keys.payments, keys.proposals, keys.audit],
  );
  const deed = status.halted ? resume : halt;
  return (
    <>
      {status.halted ? (
        <Message tone="bad">
          <strong>No money leaves the exchange</strong> since <Time at={status.halted_time} />.
          <ul style={{ paddingLeft: 18, margin: '4px 0' }}>
            {status.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
          {has('operator') ? (
            <Button variant="default" onClick={() => setAsking(true)}>
              Propose to resume…
            </Button>
          ) : null}
        </Message>
      ) : has('operator') ? (
        <Group justify="flex-end">
          <Button variant="default" color="red" onClick={() => setAsking(true)}>
            Halt all payments…
          </Button>
        </Group>
      ) : null}
      {asking ? (
        <Confirm
          opened danger={!status.halted} title={status.halted ? 'Propose to resume payments?' : 'Halt all payments?'} deed={status.halted ? 'Propose to resume' : 'Halt all payments'}
          working={deed.isPending} failure={deed.error} onConfirm={() => deed.mutate(undefined, { onSuccess: done })}
          onClose={() => {
            setAsking(false);
            halt.reset();
            resume.reset();
          }}
        >
          <p>
            {status.halted
              ? 'Another operator must approve it within 15 minutes. Say what was found and done.'
              : 'Nothing is paid out until two operators resume it; trading goes on, and so does money coming in.'}
          </p>
          <TextInput
            mt="sm" label={status.halted ? 'What was found and done' : 'Why'} required maxLength={500} value={words}
            onChange={(event) => {
              setWords(event.currentTarget.value);
              setRequestId(newId());
            }}
          />
        </Confirm>
      ) : null}
    </>
  );
}
