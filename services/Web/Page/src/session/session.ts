import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, exchange } from '../api/client';
import { keys, ownKeys } from '../api/keys';
import type { Session } from '../api/types';
import { feed } from '../live/feed';

const nobody: Session = { signed_in: false, participant_id: null, name: null, roles: [], demo_names: [] };

/** Who is signed in. */
export function useSession() {
  const query = useQuery({
    queryKey: keys.session,
    queryFn: () => answer(exchange.GET('/session')),
    staleTime: 60_000,
  });
  const session = query.data ?? nobody;
  return { ...query, session, has: (...roles: string[]) => roles.some((role) => session.roles.includes(role)) };
}

/** By what one signs in: an API key, or a name of the demo. */
export type Credential = { key: string } | { name: string };

/** Signs in or out, and forgets what belonged to whoever was signed in before. */
export function useSignIn() {
  const queries = useQueryClient();
  const changed = (session: Session) => {
    for (const key of ownKeys) queries.removeQueries({ queryKey: key });
    queries.setQueryData(keys.session, session);
    feed.reopen();
  };
  const signIn = useMutation({
    mutationFn: (credential: Credential) =>
      'name' in credential
        ? answer(exchange.POST('/session/demo', { body: credential }))
        : answer(exchange.POST('/session', { body: credential })),
    onSuccess: changed,
  });
  const signOut = useMutation({
    mutationFn: () => answer(exchange.DELETE('/session')),
    onSuccess: changed,
  });
  return { signIn, signOut };
}
