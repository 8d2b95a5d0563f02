import { Button, Group, Modal, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import { Message } from '../ui/states';
import { newId } from '../words/ids';

type Scheme = 'iban' | 'us_ach' | 'other';

const empty = { label: '', holder: '', iban: '', bic: '', routing_number: '', account_number: '' };

/** Names a bank account: by its IBAN, in the United States by routing and account number, elsewhere by BIC and account number. */
export function DestinationDialog({ onClose }: { onClose: () => void }) {
  const [scheme, setScheme] = useState<Scheme>('iban');
  const [draft, setDraft] = useState(empty);
  const [requestId, setRequestId] = useState(newId);
  const add = useDeed(
    () => {
      const account =
        scheme === 'iban' ? { iban: draft.iban, bic: draft.bic }
        : scheme === 'us_ach' ? { routing_number: draft.routing_number, account_number: draft.account_number }
        : { bic: draft.bic, account_number: draft.account_number };
      return answer(exchange.POST('/v1/payment-destinations', { body: { request_id: requestId, label: draft.label, holder: draft.holder, scheme, ...account } }));
    },
    [keys.destinations],
  );
  const complaints = sortComplaints(add.error, Object.keys(empty));
  // What is written anew is another request.
  const field = (name: keyof typeof empty) => ({
    value: draft[name],
    error: complaints.fields[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setDraft((before) => ({ ...before, [name]: value }));
      setRequestId(newId());
    },
  });
  return (
    <Modal opened onClose={onClose} title="Add a bank account">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate(undefined, { onSuccess: onClose });
        }}
      >
        <Stack gap="sm">
          <SegmentedControl
            aria-label="How the account is named" value={scheme} data={[{ value: 'iban', label: 'IBAN' }, { value: 'us_ach', label: 'US account' }, { value: 'other', label: 'Other' }]}
            onChange={(value) => {
              setScheme(value);
              setRequestId(newId());
              add.reset();
            }}
          />
          <TextInput label="Holder" description="As the bank knows it." required maxLength={140} autoComplete="off" data-autofocus {...field('holder')} />
          {scheme === 'iban' ? <TextInput label="IBAN" placeholder="DE89 3704 0044 0532 0130 00" required autoComplete="off" {...field('iban')} /> : null}
          {scheme === 'us_ach' ? <TextInput label="Routing number" placeholder="021000021" inputMode="numeric" required autoComplete="off" {...field('routing_number')} /> : null}
          {scheme !== 'iban' ? <TextInput label="Account number" required autoComplete="off" {...field('account_number')} /> : null}
          {scheme !== 'us_ach' ? <TextInput label="BIC of the bank" required={scheme === 'other'} placeholder="DEUTDEFF" autoComplete="off" {...field('bic')} /> : null}
          <TextInput label="Label" description="What you call it." placeholder="Main account" maxLength={100} {...field('label')} />
          {complaints.rest ? <Message tone="bad">{complaints.rest}</Message> : null}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button type="submit" loading={add.isPending}>
              Add
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
