import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../../api/client';
import { keys } from '../../api/keys';
import { useDeed } from '../../api/own';
import { sortComplaints } from '../../api/problem';
import type { PaymentLimits } from '../../api/types';
import { Message } from '../../ui/states';
import { newId } from '../../words/ids';
import { editableDollars, parseDollars } from '../../words/money';

const amounts = [
  { name: 'single_micros', label: 'At most at once, $' },
  { name: 'daily_micros', label: 'At most in 24 hours, $' },
  { name: 'approval_micros', label: 'Two operators from, $' },
] as const;

/** Proposes other limits of money going out. */
export function LimitsDialog({ now, onClose }: { now: PaymentLimits; onClose: () => void }) {
  const [draft, setDraft] = useState(() => ({
    single_micros: editableDollars(now.single_micros, 2), daily_micros: editableDollars(now.daily_micros, 2), approval_micros: editableDollars(now.approval_micros, 2),
    cooling_minutes: String(now.cooling_minutes),
  }));
  const [checked, setChecked] = useState(false);
  const [requestId, setRequestId] = useState(newId);
  const minutes = /^\d{1,6}$/.test(draft.cooling_minutes.trim()) ? Number(draft.cooling_minutes) : null;
  const read = { single: parseDollars(draft.single_micros), daily: parseDollars(draft.daily_micros), approval: parseDollars(draft.approval_micros) };
  const propose = useDeed(
    (limits: PaymentLimits) => answer(exchange.POST('/v1/proposals', { body: { request_id: requestId, set_limits: limits } })),
    [keys.proposals, keys.audit],
  );
  const complaints = sortComplaints(propose.error, [...amounts.map((one) => `set_limits.${one.name}`), 'set_limits.cooling_minutes']);
  const change = (name: keyof typeof draft, value: string) => {
    setDraft((before) => ({ ...before, [name]: value }));
    setRequestId(newId());
    propose.reset();
  };
  return (
    <Modal opened onClose={onClose} title="Propose limits of money going out">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setChecked(true);
          if (read.single === null || read.daily === null || read.approval === null || minutes === null) return;
          propose.mutate({ single_micros: read.single, daily_micros: read.daily, approval_micros: read.approval, cooling_minutes: minutes }, { onSuccess: onClose });
        }}
      >
        <Stack gap="sm">
          {amounts.map(({ name, label }) => (
            <TextInput
              key={name} label={label} inputMode="decimal" value={draft[name]} onChange={(event) => change(name, event.currentTarget.value)}
              error={checked && parseDollars(draft[name]) === null ? 'Give an amount in dollars.' : complaints.fields[`set_limits.${name}`]}
            />
          ))}
          <TextInput
            label="A new bank account waits, minutes" inputMode="numeric" value={draft.cooling_minutes} onChange={(event) => change('cooling_minutes', event.currentTarget.value)}
            error={checked && minutes === null ? 'Give whole minutes.' : complaints.fields['set_limits.cooling_minutes']}
          />
          {complaints.rest ? <Message tone="bad">{complaints.rest}</Message> : null}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button type="submit" loading={propose.isPending}>
              Propose
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
