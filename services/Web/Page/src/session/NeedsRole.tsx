import { lazy, Suspense, useState, type ReactNode } from 'react';
import { Button } from '@mantine/core';
import { Panel } from '../ui/Panel';
import { Empty, Failed, Waiting } from '../ui/states';
import { DemoNames } from './DemoNames';
import { useSession } from './session';

const SignInDialog = lazy(() => import('./SignInDialog'));

type NeedsRoleProps = {
  /** Any of these roles may see what is inside. */
  roles: string[];
  /** What one can do here, for whoever cannot yet. */
  purpose: string;
  /** Which participants of a demo hold such a role. */
  demo: (name: string) => boolean;
  children: ReactNode;
};

/** Shows what is inside to those who hold a role; tells everyone else what it takes. */
export function NeedsRole({ roles, purpose, demo, children }: NeedsRoleProps) {
  const { session, has, isPending, isError, error, refetch } = useSession();
  const [asking, setAsking] = useState(false);
  if (isPending) return <Waiting height={400} />;
  if (isError) return <Failed what="Who you are" failure={error} retry={() => void refetch()} />;
  if (has(...roles)) return <>{children}</>;

  const wanted = roles.join(' or ');
  return (
    <Panel title={session.signed_in ? `This needs the role ${wanted}` : 'Sign in first'}>
      <Empty
        title={purpose}
        action={
          <>
            <DemoNames wanted={demo} />
            <Button onClick={() => setAsking(true)}>{session.signed_in ? 'Sign in as another' : 'Sign in'}</Button>
          </>
        }
      >
        {session.signed_in
          ? `You are ${session.name ?? 'signed in'} with the role ${session.roles.join(', ') || 'none'}. Roles are given by the operator when a participant is admitted; sign in with a key of a participant that holds the role ${wanted}.`
          : `Sign in with an API key of a participant that holds the role ${wanted}. The market page is open to everyone.`}
      </Empty>
      <Suspense>{asking ? <SignInDialog onClose={() => setAsking(false)} /> : null}</Suspense>
    </Panel>
  );
}
