import { Button, Group, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useProfile } from '../api/money';
import { useDeed } from '../api/own';
import { asProblem, sortComplaints } from '../api/problem';
import type { Profile } from '../api/types';
import shell from '../app/shell.module.css';
import { Panel } from '../ui/Panel';
import { Failed, Message, Waiting } from '../ui/states';
import form from '../ui/form.module.css';
import { download } from '../words/bytes';

const shown = ['legal_name', 'email', 'address_lines', 'country', 'tax_number', 'tax_code'];

/** Who stands on the invoices, and a copy of everything that is held about the person. */
export function ProfilePanel() {
  const profile = useProfile();
  return (
    <div className={shell.grid}>
      <Panel title="Who stands on your invoices" className={shell.w7}>
        {profile.isError && !profile.data ? (
          <Failed what="Your profile" failure={profile.error} retry={() => void profile.refetch()} />
        ) : !profile.data ? (
          <Waiting height={320} />
        ) : (
          <Form now={profile.data.profile} />
        )}
      </Panel>
      <Panel title="Your personal data" className={shell.w5}>
        <Copy />
      </Panel>
    </div>
  );
}

function Form({ now }: { now: Profile }) {
  const [draft, setDraft] = useState({
    legal_name: now.legal_name, email: now.email, address: now.address_lines.join('\n'), country: now.country, tax_number: now.tax_number, tax_code: now.tax_code,
  });
  const save = useDeed(
    () => {
      const { address, ...rest } = draft;
      return answer(exchange.PUT('/v1/profile', { body: { ...rest, address_lines: address.split('\n').filter((line) => line.trim()) } }));
    },
    [keys.profile, keys.fees],
  );
  const complaints = sortComplaints(save.error, shown);
  const field = (name: keyof typeof draft, wire: string = name) => ({
    value: draft[name],
    error: complaints.fields[wire],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setDraft((before) => ({ ...before, [name]: value }));
      save.reset();
    },
  });
  return (
    <form
      className={form.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined);
      }}
    >
      <TextInput label="Legal name" placeholder={now.name} maxLength={200} autoComplete="organization" {...field('legal_name')} />
      <TextInput label="E-mail" type="email" autoComplete="email" {...field('email')} />
      <Textarea label="Postal address" description="A line each, at most six." rows={4} autoComplete="street-address" {...field('address', 'address_lines')} />
      <div className={form.triple}>
        <TextInput label="Country" placeholder="DE" maxLength={2} autoComplete="country" {...field('country')} />
        <TextInput label="Tax number" maxLength={32} {...field('tax_number')} />
        <TextInput label="Tax code" placeholder="DE or US-CA" maxLength={6} {...field('tax_code')} />
      </div>
      {complaints.rest ? <Message tone="bad">{complaints.rest}</Message> : null}
      {save.isSuccess ? <Message tone="good">Saved. Invoices show it from now on.</Message> : null}
      <Group justify="flex-end">
        <Button type="submit" loading={save.isPending}>
          Save
        </Button>
      </Group>
    </form>
  );
}

function Copy() {
  const copy = useDeed(async () => {
    const data = await answer(exchange.GET('/v1/personal-data'));
    download('personal-data.json', new TextEncoder().encode(`${JSON.stringify(data.document, null, 2)}\n`));
  }, []);
  return (
    <div className={form.form}>
      <p>It is kept in one place and shown to you, the operators and the auditors. Orders, leases and transfers know you by your id alone.</p>
      <p>
        To have it erased, withdraw your money, then ask with <code>cx privacy erase</code>; the ledger stays as it is.
      </p>
      {copy.error ? <Message tone="bad">{asProblem(copy.error).message}</Message> : null}
      <Group>
        <Button variant="default" loading={copy.isPending} onClick={() => copy.mutate(undefined)}>
          Download a copy
        </Button>
      </Group>
    </div>
  );
}
