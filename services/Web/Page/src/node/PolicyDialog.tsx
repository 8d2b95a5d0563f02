import { Button, Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { NodeDetail, NodePolicy, Settings } from '../api/types';
import { useZone } from '../app/zone';
import { useNow } from '../live/clock';
import { FormDialog } from '../ui/FormDialog';
import { Window } from '../ui/figures';
import { WhenField } from '../ui/WhenField';
import styles from '../ui/form.module.css';
import { horizonOf } from '../words/gates';
import { hour, minute, wireTime } from '../words/time';
import { parseWhen } from '../words/when';
import { dayNames, draftOfPolicy, policyFields, policyInWords, readPolicy, type PolicyDraft } from './policy';

type PolicyDialogProps = { node: NodeDetail; settings: Settings; gpus: number; onClose: () => void };

/** The editor of a policy; below it, what will happen. */
export function PolicyDialog({ node, settings, gpus, onClose }: PolicyDialogProps) {
  const zone = useZone();
  const [draft, setDraft] = useState<PolicyDraft>(() => {
    const before = draftOfPolicy(node.policy, settings.tick_micros);
    return node.policy ? before : { ...before, enabled: true };
  });
  const [checked, setChecked] = useState(false);
  const { policy, complaints } = readPolicy(draft, { ...settings, gpus });
  const set = useDeed(
    (wanted: NodePolicy) => answer(exchange.PUT('/v1/nodes/{node_id}/policy', { params: { path: { node_id: node.node_id } }, body: { policy: wanted } })),
    [keys.nodes, keys.offers],
  );
  const refused = complaintsOf(set.error);
  const change = (part: Partial<PolicyDraft>) => {
    setDraft((before) => ({ ...before, ...part }));
    set.reset();
  };
  const error = (field: keyof PolicyDraft) => (checked ? complaints[field] : undefined) ?? refused.fields[field];
  const text = (field: 'firm' | 'interruptible' | 'run' | 'idleMinutes' | 'horizon' | 'keepGpus' | 'noticeMinutes' | 'cap' | 'raiseAbove' | 'lowerBelow' | 'step') => ({
    value: draft[field],
    error: error(field),
    onChange: (event: { currentTarget: { value: string } }) => change({ [field]: event.currentTarget.value }),
  });
  return (
    <FormDialog
      title="Sold while idle" deed="Save" size="xl" working={set.isPending} rest={refused.rest} onClose={onClose}
      onSubmit={() => {
        setChecked(true);
        if (policy) set.mutate(policy, { onSuccess: onClose });
      }}
    >
      <Checkbox label="Offer idle GPUs by themselves" checked={draft.enabled} onChange={(event) => change({ enabled: event.currentTarget.checked })} />
      <div className={styles.triple}>
        <TextInput label="Firm floor, $/GPU-h" description="The least for what is sold ahead." inputMode="decimal" placeholder="1.85" {...text('firm')} />
        <TextInput label="Interruptible floor, $/GPU-h" description="For hours about to stay idle." inputMode="decimal" placeholder="as the firm floor" {...text('interruptible')} />
        <TextInput label="GPUs kept" description={`Of ${gpus}, never sold.`} inputMode="numeric" {...text('keepGpus')} />
      </div>
      <Grid
        legend="Hours of the day in which it is sold, UTC" names={draft.hours.map((_, hour) => hour.toString().padStart(2, '0'))} spoken={(index) => `${index.toString().padStart(2, '0')}:00 to ${(index + 1).toString().padStart(2, '0')}:00`}
        chosen={draft.hours} error={error('hours')} onChange={(hours) => change({ hours })}
      />
      <Grid legend="Days" names={dayNames.map((day) => day.slice(0, 3))} spoken={(index) => dayNames[index] ?? ''} chosen={draft.days} error={error('days')} onChange={(days) => change({ days })} />
      <div className={styles.triple}>
        <TextInput label="Idle after, minutes" description="With nothing of yours on it." inputMode="numeric" {...text('idleMinutes')} />
        <TextInput label="Least run, hours" description="Above 1: only to such blocks." inputMode="numeric" {...text('run')} />
        <TextInput label="Offered ahead, hours" description="Up to 168." inputMode="numeric" {...text('horizon')} />
      </div>
      <TextInput label="Notice to take it back, minutes" description="Buyers see it. At least 2; what is taken back is compensated out of your bond." inputMode="numeric" {...text('noticeMinutes')} />
      <KeepFree settings={settings} windows={draft.keepFree} error={error('keepFree')} onChange={(keepFree) => change({ keepFree })} />
      <Checkbox label="Let the price move by itself between the firm floor and a cap" checked={draft.repricing} onChange={(event) => change({ repricing: event.currentTarget.checked })} />
      {draft.repricing ? (
        <div className={styles.pair}>
          <TextInput label="Cap, $/GPU-h" inputMode="decimal" placeholder="3.20" {...text('cap')} />
          <TextInput label="Step, %" inputMode="numeric" {...text('step')} />
          <TextInput label="Rises above, % sold" inputMode="numeric" {...text('raiseAbove')} />
          <TextInput label="Falls below, % sold" inputMode="numeric" {...text('lowerBelow')} />
        </div>
      ) : null}
      <section className={styles.quote} aria-label="What will happen" aria-live="polite">
        <h3>What will happen</h3>
        {policy ? (
          <ul className={styles.say}>
            {policyInWords(policy, gpus, settings.tick_micros, zone).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        ) : (
          <p className={styles.hint}>{Object.values(complaints)[0]}</p>
        )}
      </section>
    </FormDialog>
  );
}

/** The exchange's complaints at the fields of this form: it names them policy.repricer.cap_… or shorter. */
function complaintsOf(failure: unknown): { fields: Partial<Record<keyof PolicyDraft, string>>; rest: string } {
  const names = Object.keys(policyFields).flatMap((name) => [name, `policy.${name}`, `policy.repricer.${name}`, `repricer.${name}`]);
  const sorted = sortComplaints(failure, names);
  const fields: Partial<Record<keyof PolicyDraft, string>> = {};
  for (const [name, said] of Object.entries(sorted.fields)) {
    const field = policyFields[name.replace(/^policy\./, '').replace(/^repricer\./, '')];
    if (field) fields[field] = said;
  }
  return { fields, rest: sorted.rest };
}

type GridProps = { legend: string; names: string[]; spoken: (index: number) => string; chosen: boolean[]; error: string | undefined; onChange: (chosen: boolean[]) => void };

/** Many small choices side by side, with all and none. */
function Grid({ legend, names, spoken, chosen, error, onChange }: GridProps) {
  return (
    <fieldset className={styles.set}>
      <legend className={styles.legend}>{legend}</legend>
      <div className={styles.grid}>
        {names.map((name, index) => (
          <button
            key={name} type="button" className={styles.cell} aria-pressed={chosen[index]} aria-label={spoken(index)}
            onClick={() => onChange(chosen.map((one, other) => (other === index ? !one : one)))}
          >
            {name}
          </button>
        ))}
        <Button variant="subtle" size="compact-xs" aria-label={`All: ${legend}`} onClick={() => onChange(chosen.map(() => true))}>
          all
        </Button>
        <Button variant="subtle" size="compact-xs" aria-label={`None: ${legend}`} onClick={() => onChange(chosen.map(() => false))}>
          none
        </Button>
      </div>
      {error ? <p className={styles.wrong}>{error}</p> : null}
    </fieldset>
  );
}

type KeepFreeProps = { settings: Settings; windows: { from: number; to: number }[]; error: string | undefined; onChange: (windows: { from: number; to: number }[]) => void };

/** Windows in which the node is kept free. */
function KeepFree({ settings, windows, error, onChange }: KeepFreeProps) {
  const zone = useZone();
  const now = useNow(minute);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  if (now === null) return null;
  const slots = horizonOf(now, settings);
  const begin = from.trim() ? parseWhen(from, now, zone, settings.slot_minutes) : null;
  const end = to.trim() ? parseWhen(to, now, zone, settings.slot_minutes) : null;
  return (
    <fieldset className={styles.set}>
      <legend className={styles.legend}>Kept free</legend>
      {windows.length ? (
        <ul className={styles.say}>
          {windows.map((one) => (
            <li key={`${one.from} ${one.to}`}>
              <Window from={wireTime(one.from)} to={wireTime(one.to)} />{' '}
              <Button variant="subtle" size="compact-xs" onClick={() => onChange(windows.filter((other) => other !== one))}>
                remove
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      <div className={styles.triple}>
        <WhenField label="From" value={from} instant={begin} choices={slots} onChange={setFrom} />
        <WhenField label="To" value={to} instant={end} choices={slots.map((slot) => slot + hour)} onChange={setTo} />
        <Button
          variant="default" mt={22} disabled={begin === null || end === null || end <= begin}
          onClick={() => {
            if (begin === null || end === null) return;
            onChange([...windows, { from: begin, to: end }]);
            setFrom('');
            setTo('');
          }}
        >
          Keep free
        </Button>
      </div>
      {error ? <p className={styles.wrong}>{error}</p> : null}
    </fieldset>
  );
}
