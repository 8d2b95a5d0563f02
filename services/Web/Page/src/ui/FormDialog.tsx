import { Button, Group, Modal, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Message } from './states';

type FormDialogProps = {
  title: string;
  /** What the button says: the deed. */
  deed: string;
  danger?: boolean;
  working: boolean;
  /** What is wrong and belongs to no field shown. */
  rest: string;
  /** The deed cannot be done yet. */
  disabled?: boolean;
  size?: string;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
};

/** A form in a dialog: its fields, what is wrong, and two buttons. */
export function FormDialog({ title, deed, danger = false, working, rest, disabled = false, size = 'md', onSubmit, onClose, children }: FormDialogProps) {
  return (
    <Modal opened onClose={onClose} title={title} size={size}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <Stack gap="sm">
          {children}
          {rest ? <Message tone="bad">{rest}</Message> : null}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Back
            </Button>
            <Button type="submit" color={danger ? 'red' : undefined} loading={working} disabled={disabled}>
              {deed}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
