import { describe, expect, it } from 'vitest';
import { draftOf, readWorkload, type WorkloadDraft } from './workload';

const draft = (part: Partial<WorkloadDraft>): WorkloadDraft => ({ ...draftOf(undefined), image: 'busybox:1.36', ...part });

describe('a workload', () => {
  it('is an image with its own command, variables, keys and limits', () => {
    const { workload } = readWorkload(
      draft({
        command: 'python train.py', variables: [{ key: 0, name: 'TOKEN', value: 's3cret' }, { key: 1, name: '', value: '' }],
        sshKeys: 'ssh-ed25519 AAAAC3Nza you@laptop\n', memoryGib: '1.5', cpus: '4', restart: true,
      }),
      'w',
    );
    expect(workload).toEqual({
      workload_id: 'w', image: 'busybox:1.36', command: ['python', 'train.py'], environment: { TOKEN: 's3cret' }, ssh_public_keys: ['ssh-ed25519 AAAAC3Nza you@laptop'],
      cpu_count: 4, memory_bytes: 1_610_612_736, disk_bytes: 0, restart_on_failure: true,
    });
  });

  it('without an image is a command, and the image that was typed before is not sent', () => {
    expect(readWorkload(draft({ kind: 'command', command: 'nvidia-smi -L' }), 'w').workload).toMatchObject({ image: '', command: ['nvidia-smi', '-L'] });
    expect(readWorkload(draft({ kind: 'command', command: ' ' }), 'w').complaints.command).toContain('What is to be run?');
    expect(readWorkload(draft({ kind: 'command', command: '', sshKeys: 'ssh-ed25519 AAAAC3Nza' }), 'w').complaints.command).toBeUndefined();
  });

  it.each([
    [{ image: '' }, 'image'], [{ image: 'a b' }, 'image'], [{ command: 'echo "' }, 'command'], [{ sshKeys: 'hello' }, 'sshKeys'], [{ cpus: '0.5' }, 'cpus'], [{ memoryGib: '-1' }, 'memoryGib'],
  ] as const)('that is wrong (%o) is told at the field', (part, field) => {
    const { workload, complaints } = readWorkload(draft(part), 'w');
    expect(workload).toBeNull();
    expect(complaints[field]).toBeTruthy();
  });

  it('refuses a private key and says which one is meant', () => {
    expect(readWorkload(draft({ sshKeys: '-----BEGIN OPENSSH PRIVATE KEY-----' }), 'w').complaints.sshKeys).toContain('public one');
  });

  it('complains of each variable by itself', () => {
    const variables = [{ key: 3, name: '1A', value: '' }, { key: 5, name: 'A', value: '1' }, { key: 6, name: 'A', value: '2' }];
    expect(Object.keys(readWorkload(draft({ variables }), 'w').complaints.variables)).toEqual(['3', '6']);
  });

  it('that was given before comes back without the values of its environment', () => {
    const again = draftOf({
      workload_id: 'w', image: '', command: ['sh', '-c', 'echo $A'], environment: { B: '', A: '' }, ssh_public_keys: [], cpu_count: 0, memory_bytes: 2_147_483_648, disk_bytes: 0,
      restart_on_failure: false,
    });
    expect(again).toMatchObject({ kind: 'command', command: "sh -c 'echo $A'", memoryGib: '2', variables: [{ name: 'A', value: '' }, { name: 'B', value: '' }] });
  });
});
