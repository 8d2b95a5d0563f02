import { Button, Group, NumberInput, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import { useZone } from '../app/zone';
import { exchangeNow, useClockMode, useNow } from '../live/clock';
import { useSession } from '../session/session';
import { Panel } from '../ui/Panel';
import { Message } from '../ui/states';
import { dayAndTime, hour, minute, second, wireTime, zoneName } from '../words/time';
import { parseWhen } from '../words/when';

const speeds = [1, 10, 60, 300, 1_800];

/** The simulated clock: run it, stop it, or move it on. Only where time is simulated. */
export function ClockPanel() {
  const { speed } = useClockMode();
  const now = useNow();
  const zone = useZone();
  const { has } = useSession();
  const [wanted, setWanted] = useState<number | string>(60);
  const [to, setTo] = useState('');
  const run = useDeed((pace: number) => answer(exchange.POST('/v1/clock/run', { body: { speed: pace } })), [keys.clock, keys.audit]);
  const advance = useDeed((instant: number) => answer(exchange.POST('/v1/clock/advance', { body: { to_time: wireTime(instant) } })), [keys.clock, keys.runs, keys.slotPrices]);
  const complaints = sortComplaints(run.error ?? advance.error, ['speed', 'to_time']);
  const target = to.trim() && now !== null ? parseWhen(to, now, zone, 1) : null;
  const ahead = (milliseconds: number) => {
    const at = exchangeNow();
    if (at !== null) advance.mutate(at - (at % second) + milliseconds);
  };

  if (!has('operator')) {
    return (
      <Panel title="Simulated clock">
        <p>The clock is simulated{speed ? ` and runs at ×${speed}` : ' and stands'}. Only operators move it.</p>
      </Panel>
    );
  }
  return (
    <Panel title="Simulated clock" note={now === null ? undefined : `${dayAndTime(now, zone)} ${zoneName(now, zone)}, ${speed ? `runs at ×${speed}` : 'stands'}`}>
      <Stack gap="md" maw={640}>
        <Group gap="xs" align="flex-end">
          <NumberInput label="Speed" description="simulated seconds in a second" min={0} max={3_600} w={190} value={wanted} error={complaints.fields.speed} onChange={setWanted} />
          <Button loading={run.isPending && run.variables !== 0} onClick={() => run.mutate(Number(wanted))}>
            Run
          </Button>
          <Button variant="default" disabled={speed === 0} loading={run.isPending && run.variables === 0} onClick={() => run.mutate(0)}>
            Stop
          </Button>
          <Group gap={4} role="group" aria-label="Usual speeds">
            {speeds.map((pace) => (
              <Button key={pace} size="compact-xs" variant={pace === speed ? 'light' : 'default'} onClick={() => { setWanted(pace); run.mutate(pace); }}>
                ×{pace}
              </Button>
            ))}
          </Group>
        </Group>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (target !== null) advance.mutate(target);
          }}
        >
          <Group gap="xs" align="flex-end">
            <TextInput
              label="Advance to" placeholder="2026-01-31 15:00 or +3h" w={190} value={to} onChange={(event) => setTo(event.currentTarget.value)}
              error={complaints.fields.to_time ?? (to.trim() && target === null ? 'Not a time.' : undefined)}
            />
            <Button type="submit" variant="default" loading={advance.isPending} disabled={target === null}>
              Advance
            </Button>
            <Group gap={4} role="group" aria-label="Advance by">
              {[{ by: 30 * minute, name: '30 min' }, { by: hour, name: '1 h' }, { by: 6 * hour, name: '6 h' }].map(({ by, name }) => (
                <Button key={name} size="compact-xs" variant="default" disabled={advance.isPending} onClick={() => ahead(by)}>
                  +{name}
                </Button>
              ))}
            </Group>
          </Group>
        </form>
        {complaints.rest ? <Message tone="bad">{complaints.rest}</Message> : null}
        <p style={{ color: 'var(--ink-2)' }}>The clock moves only when every fact told so far is applied everywhere, from run to run; a far time takes a while.</p>
      </Stack>
    </Panel>
  );
}
