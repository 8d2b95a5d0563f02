import type { Dispute, DisputeKind, DisputeState } from '../api/types';
import type { Tone } from '../words/phases';

/** What a dispute can be about. */
export const kinds: Record<Exclude<DisputeKind, 'unspecified'>, string> = {
  wrong_gpu: 'Not the GPU that was sold', slow: 'Slower than its class', unreachable: 'It could not be reached', other: 'Something else',
};

export const kindOf = (kind: DisputeKind): string => (kind === 'unspecified' ? '–' : kinds[kind]);

export const stateTones: Record<DisputeState, Tone> = { unspecified: 'calm', open: 'warn', proposed: 'lively', decided: 'good' };

/** What comes next in a dispute. */
export function nextOf(dispute: Dispute): string {
  if (dispute.state === 'decided') return 'Decided: the money has followed.';
  if (dispute.state === 'proposed') return 'One operator proposed a decision; another must approve it.';
  return dispute.answer ? 'An operator looks at both records and proposes what was delivered.' : 'Its provider has not answered yet. An operator decides all the same.';
}
