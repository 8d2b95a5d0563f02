import { Autocomplete } from '@mantine/core';
import { useZone } from '../app/zone';
import { shortTime, typedTime, zoneName, type Zone } from '../words/time';

type WhenFieldProps = {
  label: string;
  value: string;
  /** What the text was read as; null when it could not be. */
  instant: number | null;
  choices: number[];
  error?: string | undefined;
  onChange: (text: string) => void;
};

/** A time as people type it, with the slots to choose from; below it the same instant in UTC and in local time. */
export function WhenField({ label, value, instant, choices, error, onChange }: WhenFieldProps) {
  const zone = useZone();
  const read = instant === null ? '' : both(instant, zone, value.trim() !== typedTime(instant, zone));
  return (
    <Autocomplete
      label={label}
      placeholder="2026-01-31 15:00, 15:00, +3h"
      value={value}
      data={choices.map((choice) => typedTime(choice, zone))}
      limit={72}
      maxDropdownHeight={220}
      filter={({ options, search }) => (options.some((option) => 'value' in option && option.value === search) ? options : options.filter((option) => 'label' in option && option.label.includes(search)))}
      description={read || `in ${zoneName(choices[0] ?? 0, zone)}`}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      error={error}
      autoComplete="off"
      onChange={onChange}
    />
  );
}

/** The zone it is written in, and the same instant in the other one; what was read, where it was written in short. */
function both(instant: number, zone: Zone, spelled: boolean): string {
  const here = `${spelled ? `${shortTime(instant, zone)} ` : ''}${zone === 'utc' ? 'UTC' : 'local'}`;
  if (zoneName(instant, 'local') === 'UTC') return `${here}${spelled ? '' : ', your time too'}`;
  return `${here} · ${zone === 'utc' ? `${shortTime(instant, 'local')} local` : `${shortTime(instant, 'utc')} UTC`}`;
}
