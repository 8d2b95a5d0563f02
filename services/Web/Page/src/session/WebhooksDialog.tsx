import { Button, Group, Modal, MultiSelect, Stack, TextInput } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { answer, exchange } from '../api/client';
import { useWebhooks } from '../api/delivery';
import { keys } from '../api/keys';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { Webhook, WebhookCall } from '../api/types';
import { Confirm } from '../ui/Confirm';
import { Copied } from '../ui/Copied';
import { DataTable } from '../ui/DataTable';
import { Badge, Time } from '../ui/figures';
import { Empty, Message } from '../ui/states';
import styles from '../ui/form.module.css';
import ui from '../ui/ui.module.css';
import { newId } from '../words/ids';

const events = [
  'delivery.active', 'delivery.interrupting', 'delivery.ended', 'delivery.failed', 'lease.rebid', 'maintenance.announced', 'node.lost', 'node.suspended', 'dispute.opened', 'dispute.decided',
];

/** The addresses that the exchange calls when something happens: added with the secret shown once, listed with their last calls, removed. */
export default function WebhooksDialog({ onClose }: { onClose: () => void }) {
  const list = useWebhooks();
  const [removing, setRemoving] = useState<Webhook | null>(null);
  const [draft, setDraft] = useState({ url: '', events: [] as string[] });
  const [webhookId, setWebhookId] = useState(newId);
  const add = useDeed(() => answer(exchange.POST('/v1/webhooks', { body: { webhook_id: webhookId, ...draft } })), [keys.webhooks]);
  const remove = useDeed((id: string) => answer(exchange.DELETE('/v1/webhooks/{webhook_id}', { params: { path: { webhook_id: id } } })), [keys.webhooks]);
  const complaints = sortComplaints(add.error, ['url', 'events']);
  const change = (part: Partial<typeof draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setWebhookId(newId());
  };
  const columns = useMemo(() => {
    const column = createColumnHelper<Webhook>();
    return [
      column.accessor('url', { header: 'Address', meta: { wrap: true }, cell: (cell) => <span style={{ overflowWrap: 'anywhere' }}>{cell.getValue()}</span> }),
      column.accessor((one) => one.events.join(', ') || 'all', { id: 'events', header: 'Told of', meta: { wrap: true } }),
      column.accessor((one) => one.calls[0]?.at_time ?? '', { id: 'last', header: 'Last call', cell: ({ row }) => <LastCall call={row.original.calls[0]} /> }),
      column.display({
        id: 'act',
        header: () => <span className="visually-hidden">Remove</span>,
        cell: ({ row }) => (
          <Button variant="default" size="compact-xs" aria-label={`Remove webhook ${row.original.url}`} onClick={() => setRemoving(row.original)}>
            Remove
          </Button>
        ),
      }),
    ];
  }, []);
  const close = () => {
    setRemoving(null);
    remove.reset();
  };
  if (removing) {
    return (
      <Confirm
        opened danger title="Remove this webhook?" deed="Remove it" working={remove.isPending} failure={remove.error} onClose={close} onConfirm={() => remove.mutate(removing.webhook_id, { onSuccess: close })}
      >
        {removing.url} is not called any more, waiting calls included.
      </Confirm>
    );
  }
  return (
    <Modal opened onClose={onClose} title="Webhooks" size="xl">
      <Stack gap="md">
        {add.data?.secret ? (
          <Message tone="good">
            <Stack gap={6}>
              <span>The secret of {add.data.webhook.url}. It is shown this once:</span>
              <Copied label="the secret" text={add.data.secret} testId="webhook-secret" />
              <span className={styles.hint}>
                Each call bears <code className={ui.mono}>X-CX-Signature: t=&lt;seconds&gt;,v1=&lt;HMAC-SHA256 of &quot;t.body&quot;&gt;</code> made with it: check it, and the time.
              </span>
            </Stack>
          </Message>
        ) : null}
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate(undefined, {
              onSuccess: () => {
                setDraft({ url: '', events: [] });
                setWebhookId(newId());
              },
            });
          }}
        >
          <Stack gap="xs">
            <TextInput label="Address" placeholder="https://example.com/exchange" autoComplete="off" required value={draft.url} error={complaints.fields.url} onChange={(event) => change({ url: event.currentTarget.value })} />
            <Group align="flex-end" gap="xs" wrap="nowrap">
              <MultiSelect
                label="Events" placeholder={draft.events.length ? '' : 'all'} data={events} value={draft.events} clearable hidePickedOptions style={{ flex: 1, minWidth: 0 }} error={complaints.fields.events}
                onChange={(value) => change({ events: value })}
              />
              <Button type="submit" loading={add.isPending} disabled={!draft.url.trim()}>
                Add webhook
              </Button>
            </Group>
          </Stack>
        </form>
        {complaints.rest ? <Message tone="bad">{complaints.rest}</Message> : null}
        <DataTable
          label="Webhooks" rows={list.data} columns={columns} rowKey={(one) => one.webhook_id} loading={list} maxHeight={360} detail={(one) => <Calls calls={one.calls} />}
          detailLabel={(one) => `Last calls of ${one.url}`} empty={<Empty title="No webhook yet">Name an address, and the exchange calls it when something happens to your deliveries or nodes. At most four.</Empty>}
        />
      </Stack>
    </Modal>
  );
}

function LastCall({ call }: { call: WebhookCall | undefined }) {
  if (!call) return <span className={ui.calm}>none yet</span>;
  return <Badge tone={call.delivered ? 'good' : call.next_time ? 'warn' : 'bad'}>{call.delivered ? 'taken' : call.next_time ? 'tried again' : 'given up'}</Badge>;
}

function Calls({ calls }: { calls: WebhookCall[] }) {
  if (!calls.length) return <>Nothing has happened yet.</>;
  return (
    <ul className={styles.say}>
      {calls.map((call) => (
        <li key={call.event_id}>
          <Time at={call.at_time} /> <strong>{call.event}</strong>: {call.delivered ? 'taken' : 'not taken'}, {call.attempt_count} {call.attempt_count === 1 ? 'attempt' : 'attempts'}. {call.outcome}
          {call.next_time ? <>; again <Time at={call.next_time} /></> : null}
        </li>
      ))}
    </ul>
  );
}
