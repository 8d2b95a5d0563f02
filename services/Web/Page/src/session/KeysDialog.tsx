import { Button, CopyButton, Group, Modal, NumberInput, Stack, TextInput } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { asProblem, sortComplaints } from '../api/problem';
import type { ApiKey } from '../api/types';
import { Badge, Time } from '../ui/figures';
import { DataTable } from '../ui/DataTable';
import { Empty, Message } from '../ui/states';
import ui from '../ui/ui.module.css';
import { newId } from '../words/ids';

/** The caller's own API keys: made with the secret shown once, listed, revoked. */
export default function KeysDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const list = useQuery({ queryKey: keys.apiKeys, queryFn: () => answer(exchange.GET('/v1/keys')) });
  const [label, setLabel] = useState('');
  const [days, setDays] = useState(90);
  const [requestId, setRequestId] = useState(newId);
  const again = () => void queries.invalidateQueries({ queryKey: keys.apiKeys });
  const create = useMutation({
    mutationFn: () => answer(exchange.POST('/v1/keys', { body: { request_id: requestId, participant_id: '', label, day_count: days } })),
    onSuccess: () => {
      setRequestId(newId());
      setLabel('');
      again();
    },
  });
  const revoke = useMutation({
    mutationFn: (key: string) => answer(exchange.DELETE('/v1/keys/{key_id}', { params: { path: { key_id: key } } })),
    onSuccess: again,
  });
  const complaints = sortComplaints(create.error, ['label', 'day_count']);

  const column = createColumnHelper<ApiKey>();
  const columns = [
    column.accessor('label', { header: 'Label', cell: (cell) => cell.getValue() || '(none)' }),
    column.accessor('key_id', { header: 'Key', cell: (cell) => <span className={ui.mono}>{cell.getValue()}</span> }),
    column.accessor('expires_time', { header: 'Ends', cell: (cell) => <Time at={cell.getValue()} show="day" /> }),
    column.display({
      id: 'state',
      header: 'State',
      cell: ({ row }) =>
        row.original.revoked_time ? (
          <Badge tone="calm">revoked</Badge>
        ) : (
          <Button
            variant="default"
            size="compact-xs"
            loading={revoke.isPending && revoke.variables === row.original.key_id}
            onClick={() => revoke.mutate(row.original.key_id)}
            aria-label={`Revoke key ${row.original.label || row.original.key_id}`}
          >
            Revoke
          </Button>
        ),
    }),
  ];

  return (
    <Modal opened onClose={onClose} title="API keys" size="lg">
      <Stack gap="md">
        {create.data?.key ? (
          <Message tone="good">
            <Stack gap={6}>
              <span>The new key. It is shown this once and kept nowhere:</span>
              <Group gap="xs" wrap="nowrap">
                <code className={ui.mono} style={{ overflowWrap: 'anywhere' }} data-testid="new-key">
                  {create.data.key}
                </code>
                <CopyButton value={create.data.key}>
                  {({ copied, copy }) => (
                    <Button variant="default" onClick={copy} style={{ flexShrink: 0 }}>
                      {copied ? 'Copied' : 'Copy'}
                    </Button>
                  )}
                </CopyButton>
              </Group>
            </Stack>
          </Message>
        ) : null}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate();
          }}
        >
          <Group align="flex-end" gap="xs">
            <TextInput label="Label" value={label} maxLength={100} error={complaints.fields.label} onChange={(event) => setLabel(event.currentTarget.value)} />
            <NumberInput label="Days" w={90} min={1} max={365} value={days} error={complaints.fields.day_count} onChange={(value) => setDays(Number(value) || 90)} />
            <Button type="submit" loading={create.isPending}>
              Create key
            </Button>
          </Group>
        </form>
        {complaints.rest ? <Message tone="bad">{complaints.rest}</Message> : null}
        {revoke.error ? <Message tone="bad">{asProblem(revoke.error).message}</Message> : null}
        <DataTable
          label="Keys"
          rows={list.data?.keys}
          columns={columns}
          rowKey={(key) => key.key_id}
          loading={list}
          maxHeight={320}
          empty={<Empty title="No keys yet">Create one for cx or for a program of yours.</Empty>}
        />
      </Stack>
    </Modal>
  );
}
