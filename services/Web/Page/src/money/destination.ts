import type { Destination } from '../api/types';

/** What a destination is called, and the end of its account. */
export const nameOf = (destination: Destination): string =>
  [destination.label, destination.account].filter(Boolean).join(' · ') || `removed ${destination.destination_id.slice(0, 8)}`;

/** How an account is named, in words. */
export const schemes = { iban: 'IBAN', us_ach: 'US account', other: 'Other account', unspecified: '' } as const;
