import type { Workload } from '../api/types';
import { joinCommand, splitCommand } from '../words/command';

/** A variable of the environment; of one that was set before, the exchange gives the name back and never the value. */
export type Variable = { key: number; name: string; value: string };

/** A workload as it is being written. */
export type WorkloadDraft = {
  kind: 'image' | 'command';
  image: string;
  command: string;
  variables: Variable[];
  sshKeys: string;
  cpus: string;
  memoryGib: string;
  diskGib: string;
  restart: boolean;
};

export type WorkloadComplaints = Partial<Record<Exclude<keyof WorkloadDraft, 'variables' | 'kind' | 'restart'>, string>> & { variables: Record<number, string> };

const gib = 1_073_741_824;

/** The names under which the exchange complains of what this form shows. */
export const workloadFields = ['workload.image', 'workload.command', 'workload.ssh_public_keys', 'workload.cpu_count', 'workload.memory_bytes', 'workload.disk_bytes', 'workload.environment'];

/** What was given before, to be changed; the values of its environment must be written anew. */
export function draftOf(workload: Workload | undefined): WorkloadDraft {
  const amount = (bytes: number) => (bytes > 0 ? String(bytes / gib) : '');
  return {
    kind: workload && !workload.image && workload.command.length ? 'command' : 'image',
    image: workload?.image ?? '',
    command: joinCommand(workload?.command ?? []),
    variables: Object.keys(workload?.environment ?? {}).sort().map((name, key) => ({ key, name, value: '' })),
    sshKeys: (workload?.ssh_public_keys ?? []).join('\n'),
    cpus: workload?.cpu_count ? String(workload.cpu_count) : '',
    memoryGib: amount(workload?.memory_bytes ?? 0),
    diskGib: amount(workload?.disk_bytes ?? 0),
    restart: workload?.restart_on_failure ?? false,
  };
}

/** Reads a draft: the workload, or what is wrong with each field. */
export function readWorkload(draft: WorkloadDraft, workloadId: string): { workload: Workload | null; complaints: WorkloadComplaints } {
  const complaints: WorkloadComplaints = { variables: {} };
  const image = draft.kind === 'image' ? draft.image.trim() : '';
  const command = splitCommand(draft.command);
  if (draft.kind === 'image' && !image) complaints.image = 'Which container image? For example docker.io/library/ubuntu:24.04.';
  else if (/\s/.test(image)) complaints.image = 'An image has no blanks in its name.';
  if (command.complaint) complaints.command = command.complaint;
  else if (draft.kind === 'command' && !command.words.length && !draft.sshKeys.trim()) complaints.command = 'What is to be run? Or give a public key to come in with.';

  const environment: Record<string, string> = {};
  for (const { key, name, value } of draft.variables) {
    if (!name && !value) continue;
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) complaints.variables[key] = 'A name is made of letters, digits and _, and does not begin with a digit.';
    else if (name in environment) complaints.variables[key] = 'This name is there already.';
    else environment[name] = value;
  }

  const keys = draft.sshKeys.split('\n').map((line) => line.trim()).filter(Boolean);
  if (keys.some((line) => line.includes('PRIVATE KEY'))) complaints.sshKeys = 'That is a private key: keep it to yourself, and paste the public one (the file that ends in .pub).';
  else if (keys.some((line) => !/^(ssh-|ecdsa-|sk-)[\w@.-]+ [A-Za-z0-9+/=]+( .*)?$/.test(line))) complaints.sshKeys = 'One public key a line, for example: ssh-ed25519 AAAA… you@laptop';

  const amount = (field: 'cpus' | 'memoryGib' | 'diskGib', most: number): number => {
    const text = draft[field].trim();
    if (!text) return 0;
    const value = Number(text);
    if (!(value > 0 && value <= most) || (field === 'cpus' && !Number.isInteger(value))) complaints[field] = field === 'cpus' ? `A whole number up to ${most}, or nothing for its share.` : `GiB up to ${most}, or nothing for its share.`;
    return value;
  };
  const cpus = amount('cpus', 1_024);
  const memory = amount('memoryGib', 65_536);
  const disk = amount('diskGib', 1_048_576);

  const { variables, ...others } = complaints;
  if (Object.keys(others).length || Object.keys(variables).length) return { workload: null, complaints };
  return {
    workload: {
      workload_id: workloadId, image, command: command.words, environment, ssh_public_keys: keys, cpu_count: cpus,
      memory_bytes: Math.round(memory * gib), disk_bytes: Math.round(disk * gib), restart_on_failure: draft.restart,
    },
    complaints,
  };
}
