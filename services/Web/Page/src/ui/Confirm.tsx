import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { asProblem } from '../api/problem';
import { Message } from './states';

type ConfirmProps = {
  opened: boolean;
  title: string;
  /** What the button says: the deed and its object. */
  deed: string;
  danger?: boolean;
  working: boolean;
  failure: unknown;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
};

/** Asks once more before something that cannot be taken back. */
export function Confirm({ opened, title, deed, danger = false, working, failure, onConfirm, onClose, children }: ConfirmProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <Stack gap="md">
        <div>{children}</div>
        {failure ? <Message tone="bad">{asProblem(failure).message}</Message> : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus={danger || undefined}>
            Back
          </Button>
          <Button color={danger ? 'red' : undefined} loading={working} onClick={onConfirm} data-autofocus={!danger || undefined}>
            {deed}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
