import { Button, Menu } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { useSession, useSignIn } from './session';

const SignInDialog = lazy(() => import('./SignInDialog'));
const KeysDialog = lazy(() => import('./KeysDialog'));
const WebhooksDialog = lazy(() => import('./WebhooksDialog'));

/** Who is signed in, and the way in and out. */
export function SessionMenu() {
  const { session, has, isPending } = useSession();
  const { signOut } = useSignIn();
  const [open, setOpen] = useState<'sign-in' | 'keys' | 'webhooks' | null>(null);
  const close = () => setOpen(null);

  return (
    <>
      {session.signed_in ? (
        <Menu position="bottom-end" width={230}>
          <Menu.Target>
            <Button variant="default" aria-label={`Account: ${session.name ?? ''}`}>
              {session.name}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{session.roles.join(', ') || 'no role'}</Menu.Label>
            <Menu.Item onClick={() => setOpen('keys')}>API keys</Menu.Item>
            {has('buyer', 'provider') ? <Menu.Item onClick={() => setOpen('webhooks')}>Webhooks</Menu.Item> : null}
            {session.demo_names.length ? <Menu.Item onClick={() => setOpen('sign-in')}>Sign in as another</Menu.Item> : null}
            <Menu.Divider />
            <Menu.Item onClick={() => signOut.mutate()}>Sign out</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ) : (
        <Button loading={isPending} onClick={() => setOpen('sign-in')}>
          Sign in
        </Button>
      )}
      <Suspense>
        {open === 'sign-in' ? <SignInDialog onClose={close} /> : null}
        {open === 'webhooks' ? <WebhooksDialog onClose={close} /> : null}
        {open === 'keys' ? <KeysDialog onClose={close} /> : null}
      </Suspense>
    </>
  );
}
