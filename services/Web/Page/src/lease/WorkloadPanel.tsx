import { Button, Checkbox, CloseButton, PasswordInput, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { Delivery, Workload } from '../api/types';
import { Confirm } from '../ui/Confirm';
import { Facts } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Message } from '../ui/states';
import styles from '../ui/form.module.css';
import ui from '../ui/ui.module.css';
import { joinCommand } from '../words/command';
import { newId } from '../words/ids';
import { isOpen } from '../words/phases';
import { formatBytes } from '../words/units';
import { draftOf, readWorkload, workloadFields, type Variable, type WorkloadDraft } from './workload';

type WorkloadPanelProps = { leaseId: number; delivery: Delivery; className: string | undefined };

/** What runs on a delivery, and the form that says so. */
export function WorkloadPanel({ leaseId, delivery, className }: WorkloadPanelProps) {
  const given = delivery.workload?.workload_id ? delivery.workload : undefined;
  const open = isOpen(delivery.phase);
  const [writing, setWriting] = useState(false);
  return (
    <Panel
      title="Workload" className={className}
      tools={
        given && open && !writing ? (
          <Button variant="default" onClick={() => setWriting(true)}>
            Replace it…
          </Button>
        ) : null
      }
    >
      {open && (writing || !given) ? (
        <WorkloadForm leaseId={leaseId} given={given} runs={delivery.phase === 'active' || delivery.phase === 'interrupting'} onDone={() => setWriting(false)} />
      ) : given ? (
        <Given workload={given} exitCode={delivery.exit_code} />
      ) : (
        <p className={styles.hint}>Nothing was given to run.</p>
      )}
    </Panel>
  );
}

function Given({ workload, exitCode }: { workload: Workload; exitCode: number | undefined }) {
  const names = Object.keys(workload.environment).sort();
  return (
    <Facts
      rows={[
        { name: 'Image', value: workload.image ? <span className={ui.mono}>{workload.image}</span> : 'none: a plain process' },
        { name: 'Command', value: workload.command.length ? <span className={ui.mono}>{joinCommand(workload.command)}</span> : 'the image’s own' },
        { name: 'Environment', value: names.length ? <span className={ui.mono}>{names.map((name) => `${name}=••••`).join(' ')}</span> : 'none' },
        { name: 'SSH keys', value: workload.ssh_public_keys.length ? workload.ssh_public_keys.map((key) => key.split(' ').slice(2).join(' ') || `${key.slice(0, 24)}…`).join(', ') : 'none' },
        { name: 'Limits', value: [workload.cpu_count ? `${workload.cpu_count} cores` : '', workload.memory_bytes ? formatBytes(workload.memory_bytes) : '', workload.disk_bytes ? `${formatBytes(workload.disk_bytes)} of disk` : ''].filter(Boolean).join(', ') || 'its share of the host' },
        { name: 'When it fails', value: workload.restart_on_failure ? 'started again' : 'left ended' },
        ...(exitCode === undefined ? [] : [{ name: 'Exit code', value: exitCode, total: true }]),
      ]}
    />
  );
}

type WorkloadFormProps = { leaseId: number; given: Workload | undefined; runs: boolean; onDone: () => void };

function WorkloadForm({ leaseId, given, runs, onDone }: WorkloadFormProps) {
  const [draft, setDraft] = useState<WorkloadDraft>(() => draftOf(given));
  const [workloadId, setWorkloadId] = useState(newId);
  const [checked, setChecked] = useState(false);
  const [asking, setAsking] = useState(false);
  const { workload, complaints } = readWorkload(draft, workloadId);
  const set = useDeed(
    (wanted: Workload) => answer(exchange.PUT('/v1/workloads/{workload_id}', { params: { path: { workload_id: wanted.workload_id } }, body: { lease_id: leaseId, workload: wanted } })),
    [keys.deliveries],
  );
  const refused = sortComplaints(set.error, [...workloadFields, ...workloadFields.map((name) => name.replace('workload.', '')), ...draft.variables.map((one) => `workload.environment.${one.name}`)]);
  // What is written anew is another workload; sent again as it was, it is the same one.
  const change = (part: Partial<WorkloadDraft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setWorkloadId(newId());
    set.reset();
  };
  const error = (field: 'image' | 'command' | 'sshKeys' | 'cpus' | 'memoryGib' | 'diskGib', wire: string) =>
    (checked ? complaints[field] : undefined) ?? refused.fields[`workload.${wire}`] ?? refused.fields[wire];
  const send = () => {
    if (workload) set.mutate(workload, { onSuccess: onDone, onError: () => setAsking(false) });
  };
  return (
    <form
      className={styles.form}
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        setChecked(true);
        if (!workload) return;
        if (given && runs) setAsking(true);
        else send();
      }}
    >
      <SegmentedControl
        aria-label="What is run" value={draft.kind} onChange={(kind) => change({ kind })}
        data={[{ value: 'image', label: 'Container image' }, { value: 'command', label: 'Command without a container' }]}
      />
      {draft.kind === 'image' ? (
        <TextInput label="Image" placeholder="docker.io/library/ubuntu:24.04" spellCheck={false} value={draft.image} error={error('image', 'image')} onChange={(event) => change({ image: event.currentTarget.value })} />
      ) : null}
      <TextInput
        label="Command" description={draft.kind === 'image' ? 'Empty: the image’s own.' : 'Run as a sandboxed process with the leased GPUs only.'} placeholder="python train.py --epochs 3" spellCheck={false}
        value={draft.command} error={error('command', 'command')} onChange={(event) => change({ command: event.currentTarget.value })}
      />
      <Variables
        variables={draft.variables} complaints={checked ? complaints.variables : {}} refused={(name) => refused.fields[`workload.environment.${name}`]} again={given !== undefined && draft.variables.length > 0}
        onChange={(variables) => change({ variables })}
      />
      {refused.fields['workload.environment'] ?? refused.fields.environment ? <p className={styles.wrong}>{refused.fields['workload.environment'] ?? refused.fields.environment}</p> : null}
      <Textarea
        label="Public SSH keys" description="One a line; empty: nobody can come in. The image must have sshd." placeholder="ssh-ed25519 AAAA… you@laptop" spellCheck={false} autosize={false} rows={2} value={draft.sshKeys}
        error={error('sshKeys', 'ssh_public_keys')} onChange={(event) => change({ sshKeys: event.currentTarget.value })}
      />
      <div className={styles.triple}>
        <TextInput label="CPU cores" inputMode="numeric" placeholder="its share" value={draft.cpus} error={error('cpus', 'cpu_count')} onChange={(event) => change({ cpus: event.currentTarget.value })} />
        <TextInput label="Memory, GiB" inputMode="decimal" placeholder="its share" value={draft.memoryGib} error={error('memoryGib', 'memory_bytes')} onChange={(event) => change({ memoryGib: event.currentTarget.value })} />
        <TextInput label="Disk, GiB" inputMode="decimal" placeholder="its share" value={draft.diskGib} error={error('diskGib', 'disk_bytes')} onChange={(event) => change({ diskGib: event.currentTarget.value })} />
      </div>
      <Checkbox label="Start it again when it ends with an exit code other than 0" checked={draft.restart} onChange={(event) => change({ restart: event.currentTarget.checked })} />
      {refused.rest ? <Message tone="bad">{refused.rest}</Message> : null}
      <div className={styles.quick}>
        <Button type="submit" loading={set.isPending}>
          {given ? 'Replace the workload' : 'Run it'}
        </Button>
        {given ? (
          <Button variant="default" onClick={onDone}>
            Back
          </Button>
        ) : null}
      </div>
      {asking ? (
        <Confirm opened danger title="Replace what runs?" deed="Replace it" working={set.isPending} failure={null} onClose={() => setAsking(false)} onConfirm={send}>
          What runs now gets the end signal and is removed with its files; then the new workload is started on the same GPUs.
        </Confirm>
      ) : null}
    </form>
  );
}

type VariablesProps = {
  variables: Variable[];
  complaints: Record<number, string>;
  refused: (name: string) => string | undefined;
  /** Some were set before: their values must be written again. */
  again: boolean;
  onChange: (variables: Variable[]) => void;
};

/** The environment: names, and values that are hidden while they are typed. */
function Variables({ variables, complaints, refused, again, onChange }: VariablesProps) {
  const put = (key: number, part: Partial<Variable>) => onChange(variables.map((one) => (one.key === key ? { ...one, ...part } : one)));
  return (
    <fieldset className={styles.set}>
      <legend className={styles.legend}>Environment</legend>
      <div className={styles.form}>
        {variables.map((one, index) => (
          <div key={one.key} className={styles.variable}>
            <TextInput
              aria-label={`Name of variable ${index + 1}`} placeholder="NAME" spellCheck={false} value={one.name} error={complaints[one.key] ?? (one.name ? refused(one.name) : undefined)}
              onChange={(event) => put(one.key, { name: event.currentTarget.value })}
            />
            <PasswordInput aria-label={`Value of ${one.name || `variable ${index + 1}`}`} placeholder="value" autoComplete="new-password" value={one.value} onChange={(event) => put(one.key, { value: event.currentTarget.value })} />
            <CloseButton aria-label={`Remove ${one.name || `variable ${index + 1}`}`} onClick={() => onChange(variables.filter((other) => other.key !== one.key))} />
          </div>
        ))}
        <div>
          <Button variant="default" size="compact-xs" onClick={() => onChange([...variables, { key: Math.max(-1, ...variables.map((one) => one.key)) + 1, name: '', value: '' }])}>
            Add a variable
          </Button>
        </div>
        <p className={styles.hint}>{again ? 'The exchange gives values back to nobody: write them again.' : 'Values are kept encrypted, reach the workload only, and never its log.'}</p>
      </div>
    </fieldset>
  );
}
