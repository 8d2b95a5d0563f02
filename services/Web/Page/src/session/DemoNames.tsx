import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { asProblem } from '../api/problem';
import { Message } from '../ui/states';
import { useSession, useSignIn } from './session';

const fewNames = 6;

type DemoNamesProps = { wanted?: (name: string) => boolean; onDone?: () => void };

/** One-click sign-in as a participant of the demo: some as buttons, all of them in a list. */
export function DemoNames({ wanted = () => true, onDone }: DemoNamesProps) {
  const { session } = useSession();
  const { signIn } = useSignIn();
  const names = session.demo_names.filter((name) => wanted(name));
  if (!names.length) return null;
  const asked = signIn.variables && 'name' in signIn.variables ? signIn.variables.name : null;
  const enter = (name: string) => signIn.mutate({ name }, { onSuccess: onDone });
  const buttons = names.length <= fewNames ? names : someOfEach(names);
  return (
    <Stack gap={6}>
      <Text size="sm">This is a demo: come in as one of its participants.</Text>
      <Group gap={6}>
        {buttons.map((name) => (
          <Button key={name} variant="default" disabled={name === session.name} loading={signIn.isPending && asked === name} onClick={() => enter(name)}>
            {name}
          </Button>
        ))}
        {buttons.length < names.length ? (
          <Select
            aria-label="Another participant"
            placeholder={`all ${names.length}…`}
            data={names}
            searchable
            value={null}
            w={130}
            nothingFoundMessage="No such name"
            onChange={(name) => {
              if (name) enter(name);
            }}
          />
        ) : null}
      </Group>
      {signIn.error && asked ? <Message tone="bad">{asProblem(signIn.error).message}</Message> : null}
    </Stack>
  );
}

/** The first two of each kind of name: buyer-01 and buyer-02, host-11 and host-12, operator. */
function someOfEach(names: string[]): string[] {
  const seen = new Map<string, number>();
  return names.filter((name) => {
    const kind = name.replace(/-?\d+$/, '');
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    return count <= 2;
  });
}
