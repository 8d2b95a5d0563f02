import type { Delivery, DeliveryCloseReason, DeliveryPhase } from '../api/types';
import { instantOf } from './time';

export type Tone = 'good' | 'bad' | 'warn' | 'calm' | 'lively';

/** Where a delivery stands, in a word and a sentence. */
export type Standing = { word: string; tone: Tone; sentence: string };

/** Why a delivery is over or will be, as its buyer reads it. */
export const closeReasons: Record<DeliveryCloseReason, string> = {
  unspecified: '',
  completed: 'Its time was over.',
  buyer_ended: 'Its buyer ended it.',
  outbid: 'The standing bid was outbid, or found no supply or money.',
  reclaimed: 'Its provider took the GPUs back with notice. What is not delivered is paid back, with compensation out of the bond.',
  node_lost: 'The node was not heard of for too long. What was not delivered is paid back, with compensation out of the bond.',
  gpu_failed: 'A GPU failed. What was not delivered is paid back, with compensation out of the bond.',
  provision_failed: 'What was to be run could not be set up.',
  node_suspended: 'The exchange suspended the node. What was not delivered is paid back, with compensation out of the bond.',
  gpu_in_use_by_owner: 'The provider’s own programs were on the GPUs. What was not delivered is paid back, with compensation out of the bond.',
  resold: 'Its buyer sold all of it on.',
};

/** The same in a word or two, for tables. */
export const shortReasons: Record<DeliveryCloseReason, string> = {
  unspecified: '', completed: 'completed', buyer_ended: 'ended by its buyer', outbid: 'outbid', reclaimed: 'taken back', node_lost: 'node lost', gpu_failed: 'GPU failed',
  provision_failed: 'could not be set up', node_suspended: 'node suspended', gpu_in_use_by_owner: 'in use by its owner', resold: 'sold on',
};

export const phaseTones: Record<DeliveryPhase, Tone> = {
  unspecified: 'calm', scheduled: 'calm', provisioning: 'lively', active: 'good', interrupting: 'warn', ended: 'calm', failed: 'bad',
};

/** What a delivery does now, and what comes next. */
export function standingOf(delivery: Delivery, now: number | null): Standing {
  const tone = phaseTones[delivery.phase];
  const begins = instantOf(delivery.from_time);
  const hasWorkload = Boolean(delivery.workload?.workload_id);
  switch (delivery.phase) {
    case 'scheduled':
      return {
        word: 'scheduled', tone,
        sentence: delivery.gpu_uuids.length
          ? 'Its GPUs are named and held. It begins by itself.'
          : now !== null && begins <= now
            ? 'It should have begun: the exchange waits to hear from the node.'
            : 'Bought and paid. Which GPUs it gets is named ten minutes before it begins.',
      };
    case 'provisioning':
      return { word: 'provisioning', tone, sentence: 'The node makes its room: image, folders, keys. Metering begins when the GPUs are yours.' };
    case 'active':
      return {
        word: 'active', tone,
        sentence: hasWorkload
          ? delivery.exit_code === undefined
            ? 'The GPUs are yours and the workload was started.'
            : `The workload ended with exit code ${delivery.exit_code}; the GPUs stay yours until the end. Another workload can be given.`
          : 'The GPUs are held for you, and nothing runs on them: say what is to run.',
      };
    case 'interrupting':
      return { word: 'interrupting', tone, sentence: 'It ends early. The workload was told, and has until then to save what it needs.' };
    case 'ended':
      return { word: 'ended', tone, sentence: delivery.removed ? 'Over. Everything of it was removed from the node, and that was checked.' : 'Over. The node has not said yet that everything of it was removed.' };
    case 'failed':
      return { word: 'failed', tone, sentence: closeReasons[delivery.close_reason] || 'It could not be delivered.' };
    case 'unspecified':
      return { word: 'unknown', tone, sentence: 'The exchange has not said where it stands.' };
  }
}

/** Whether a delivery goes on or is still to come. */
export const isOpen = (phase: DeliveryPhase): boolean => phase === 'scheduled' || phase === 'provisioning' || phase === 'active' || phase === 'interrupting';
