import type { GpuUse, NodePresence, NodeState } from '../api/types';
import type { Tone } from './phases';

export const stateTones: Record<NodeState, Tone> = { unspecified: 'calm', declared: 'calm', unverified: 'warn', verified: 'good', suspended: 'bad', retired: 'calm' };

/** What a node's state means, for whoever reads it the first time. */
export const stateMeanings: Record<NodeState, string> = {
  unspecified: '',
  declared: 'Typed in by its provider: nobody has looked.',
  unverified: 'Enrolled, and not tested yet.',
  verified: 'Its class was decided from what its driver reports, and its self-test is within the norms of that class.',
  suspended: 'It sells nothing.',
  retired: 'Gone for good.',
};

export const presenceTones: Record<NodePresence, Tone> = { unspecified: 'calm', online: 'good', lost: 'bad', maintenance: 'warn' };

export const presenceWords: Record<NodePresence, string> = { unspecified: 'no agent', online: 'online', lost: 'lost', maintenance: 'maintenance' };

const uses: Record<string, { word: string; tone: Tone }> = {
  idle: { word: 'idle', tone: 'calm' }, offered: { word: 'offered', tone: 'lively' }, leased: { word: 'leased', tone: 'good' }, owner: { word: 'in use by its owner', tone: 'warn' },
  unhealthy: { word: 'unhealthy', tone: 'bad' }, missing: { word: 'missing', tone: 'bad' },
};

/** What a GPU does, for people. */
export const useOf = (use: string): { word: string; tone: Tone } => uses[use] ?? { word: use || 'unknown', tone: 'calm' };

/** How many GPUs do what: "4 leased, 2 offered, 2 idle". */
export function usesInWords(all: readonly Pick<GpuUse, 'use'>[]): string {
  const counts = new Map<string, number>();
  for (const { use } of all) counts.set(use, (counts.get(use) ?? 0) + 1);
  return [...counts].map(([use, count]) => `${count} ${use === 'owner' ? 'by its owner' : useOf(use).word}`).join(', ');
}

/** What is done to a node in maintenance. */
export const categories = [
  { value: 'power', label: 'Power' }, { value: 'network', label: 'Network' }, { value: 'disk', label: 'Disk' }, { value: 'gpu', label: 'GPU' }, { value: 'software', label: 'Software' },
  { value: 'other', label: 'Other' },
];
