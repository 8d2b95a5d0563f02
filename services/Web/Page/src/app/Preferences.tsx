import { ActionIcon, SegmentedControl, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { setZone, useZone } from './zone';

/** UTC or local time, light or dark. */
export function Preferences() {
  const zone = useZone();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <>
      <SegmentedControl
        aria-label="Time zone"
        value={zone}
        onChange={(value) => setZone(value === 'local' ? 'local' : 'utc')}
        data={[
          { value: 'utc', label: 'UTC' },
          { value: 'local', label: 'Local' },
        ]}
      />
      <ActionIcon variant="default" size={30} aria-label={`Use the ${other} colours`} title={`Use the ${other} colours`} onClick={() => setColorScheme(other)}>
        <svg viewBox="0 0 16 16" width="15" height="15" aria-hidden>
          <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.6" />
          <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
        </svg>
      </ActionIcon>
    </>
  );
}
