import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { asProblem } from '../api/problem';
import type { DocumentKind } from '../api/types';
import { bytesOf, download } from '../words/bytes';

export type Format = 'pdf' | 'csv' | 'json';

export const formats: Format[] = ['pdf', 'csv', 'json'];

/** Fetches a document and gives it to the reader as a file; one that is not there yet is made first. */
export function useDownload() {
  const queries = useQueryClient();
  const [busy, setBusy] = useState('');
  const [failure, setFailure] = useState('');
  const get = async (id: string, format: Format) => {
    const file = await answer(exchange.GET('/v1/documents/{document_id}', { params: { path: { document_id: id }, query: { format } } }));
    download(file.file_name, bytesOf(file.content), file.content_type);
  };
  const guarded = async (name: string, deed: () => Promise<void>) => {
    setBusy(name);
    setFailure('');
    try {
      await deed();
    } catch (problem) {
      setFailure(asProblem(problem).message);
    }
    setBusy('');
  };
  return {
    busy,
    failure,
    fetch: (id: string, format: Format) => void guarded(`${id} ${format}`, () => get(id, format)),
    make: (wanted: { kind: DocumentKind; from: string; to: string }, format: Format) =>
      void guarded(format, async () => {
        const made = await answer(exchange.POST('/v1/documents', { body: { kind: wanted.kind, from_day: wanted.from, to_day: wanted.to } }));
        void queries.invalidateQueries({ queryKey: keys.documents });
        await get(made.document.document_id, format);
      }),
  };
}

type DownloadsProps = {
  /** What is downloaded, for who reads by ear. */
  what: string;
  state: { busy: string };
  /** What `busy` says while a format of this one is fetched. */
  busyAs?: (format: Format) => string;
  disabled?: boolean;
  title?: string | undefined;
  onAsk: (format: Format) => void;
};

/** A button for each format. */
export const Downloads = ({ what, state, busyAs = (format) => format, disabled = false, title, onAsk }: DownloadsProps) => (
  <Group gap={4} wrap="nowrap" title={title}>
    {formats.map((format) => (
      <Button
        key={format} variant="default" size="compact-sm" disabled={disabled || (state.busy !== '' && state.busy !== busyAs(format))} loading={state.busy === busyAs(format)}
        aria-label={`Download ${what} as ${format.toUpperCase()}`} onClick={() => onAsk(format)}
      >
        {format.toUpperCase()}
      </Button>
    ))}
  </Group>
);
