import { Button, CopyButton, Group } from '@mantine/core';
import ui from './ui.module.css';

type CopiedProps = { label: string; text: string; testId?: string };

/** A text to be copied whole: an address, a command, a secret shown once. */
export const Copied = ({ label, text, testId }: CopiedProps) => (
  <Group gap="xs" wrap="nowrap" align="flex-start">
    <code className={ui.mono} style={{ overflowWrap: 'anywhere', minWidth: 0 }} data-testid={testId}>
      {text}
    </code>
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button variant="default" size="compact-xs" onClick={copy} aria-label={`Copy ${label}`} style={{ flexShrink: 0 }}>
          {copied ? 'Copied' : 'Copy'}
        </Button>
      )}
    </CopyButton>
  </Group>
);
