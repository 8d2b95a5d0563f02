import { Button, Divider, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { sortComplaints } from '../api/problem';
import { Message } from '../ui/states';
import { DemoNames } from './DemoNames';
import { useSession, useSignIn } from './session';

/** Signs in by an API key, or, in a demo, by a name. */
export default function SignInDialog({ onClose }: { onClose: () => void }) {
  const { session } = useSession();
  const { signIn } = useSignIn();
  const [key, setKey] = useState('');
  const complaints = sortComplaints(signIn.error, ['key']);

  return (
    <Modal opened onClose={onClose} title="Sign in">
      <Stack gap="md">
        {session.demo_names.length ? (
          <>
            <DemoNames onDone={onClose} />
            <Divider label="or" />
          </>
        ) : null}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            signIn.mutate({ key: key.trim() }, { onSuccess: onClose });
          }}
        >
          <Stack gap="sm">
            <PasswordInput
              label="API key"
              description="It begins with gpx_. The operator gives you the first one; cx key create makes more."
              placeholder="gpx_live_…"
              autoComplete="off"
              required
              data-autofocus
              value={key}
              error={complaints.fields.key}
              onChange={(event) => setKey(event.currentTarget.value)}
            />
            {complaints.rest ? <Message tone="bad">{complaints.rest}</Message> : null}
            <Button type="submit" loading={signIn.isPending}>
              Sign in
            </Button>
            <Text size="xs" c="dimmed">
              The key is exchanged for a cookie that this page cannot read. Without signing in, the market is open to everyone.
            </Text>
          </Stack>
        </form>
      </Stack>
    </Modal>
  );
}
