import { Button, Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { Dispute } from '../api/types';
import { gpuHours } from '../lease/meters';
import { TestResult } from '../node/TestPanel';
import { Badge, Facts, Time } from '../ui/figures';
import { Message } from '../ui/states';
import styles from '../ui/form.module.css';
import ui from '../ui/ui.module.css';
import { kindOf, nextOf, stateTones } from './words';

type DisputeViewProps = {
  dispute: Dispute;
  /** Whoever looks is the provider, who may answer once. */
  mayAnswer?: boolean;
  /** Participants by name, where they may be known. */
  nameOf?: (id: string) => string;
  /** What an operator can do with it. */
  deeds?: ReactNode;
};

/** A dispute with both sides' records side by side, the re-test, and the decision. */
export function DisputeView({ dispute, mayAnswer = false, nameOf, deeds }: DisputeViewProps) {
  const { meter } = dispute;
  const hours = (seconds: number | undefined) => (seconds === undefined ? '–' : `${gpuHours(seconds)} GPU-h`);
  return (
    <article className={styles.form} aria-label={`Dispute of lease ${dispute.lease_id}, slot ${dispute.slot_index}`}>
      <p>
        <Badge tone={stateTones[dispute.state]}>{dispute.state}</Badge> <strong>{kindOf(dispute.kind)}</strong>, lease {dispute.lease_id}, {meter ? <>the hour from <Time at={meter.from_time} /></> : `slot ${dispute.slot_index}`}. {nextOf(dispute)}
      </p>
      <div className={ui.sides}>
        <section className={ui.side} aria-label="The buyer’s side">
          <h3>The buyer{nameOf ? `, ${nameOf(dispute.buyer_id)}` : ''}</h3>
          <p className={ui.quoted}>{dispute.statement}</p>
          <Facts rows={[{ name: 'Opened', value: <Time at={dispute.opened_time} /> }, { name: 'Usable, as the buyer says', value: hours(dispute.claimed_gpu_seconds) }]} />
        </section>
        <section className={ui.side} aria-label="The provider’s side">
          <h3>The provider{nameOf ? `, ${nameOf(dispute.provider_id)}` : ''}</h3>
          {dispute.answer ? <p className={ui.quoted}>{dispute.answer}</p> : mayAnswer && dispute.state !== 'decided' ? <Answer dispute={dispute} /> : <p className={ui.calm}>No answer yet.</p>}
          <Facts rows={[{ name: 'The node measured', value: hours(meter?.agent_gpu_seconds) }]} />
        </section>
        <section className={ui.side} aria-label="The exchange’s record">
          <h3>The exchange</h3>
          <Facts
            rows={[
              { name: 'Sold', value: hours(meter?.sold_gpu_seconds) },
              { name: 'Heard of the node', value: hours(meter?.registry_gpu_seconds) },
              { name: 'Counted', value: hours(meter?.delivered_gpu_seconds), total: true },
            ]}
          />
          {meter?.resolution ? <p className={ui.calm}>{meter.resolution}</p> : null}
        </section>
      </div>
      <div className={ui.sides}>
        {dispute.test ? (
          <section className={ui.side} aria-label="The re-test">
            <h3>Re-test</h3>
            <TestResult test={dispute.test} />
          </section>
        ) : null}
        {dispute.record.length ? (
          <section className={ui.side} aria-label="What was noted around the slot">
            <h3>Noted around the slot</h3>
            <ul className={styles.say}>
              {dispute.record.map((event, index) => (
                <li key={`${event.at_time} ${index}`}>
                  <Time at={event.at_time} /> {event.message}
                </li>
              ))}
            </ul>
          </section>
        ) : null}
      </div>
      {dispute.state !== 'open' ? (
        <Message tone={dispute.state === 'decided' ? 'good' : 'warn'}>
          <strong>
            {dispute.state === 'decided' ? 'Decided' : 'Proposed'}: {gpuHours(dispute.delivered_gpu_seconds)}
            {meter ? ` of ${gpuHours(meter.sold_gpu_seconds)}` : ''} GPU-hours were delivered.
          </strong>{' '}
          {dispute.reason}{' '}
          <span className={ui.calm}>
            {nameOf && dispute.proposed_by ? `Proposed by ${nameOf(dispute.proposed_by)}` : ''}
            {nameOf && dispute.decided_by ? `, approved by ${nameOf(dispute.decided_by)}` : ''} {dispute.decided_time ? <Time at={dispute.decided_time} /> : null}
          </span>
        </Message>
      ) : null}
      {deeds}
    </article>
  );
}

/** The provider's answer: once, so it is asked for with care. */
function Answer({ dispute }: { dispute: Dispute }) {
  const [text, setText] = useState('');
  const say = useDeed(
    () => answer(exchange.POST('/v1/disputes/{dispute_id}/answer', { params: { path: { dispute_id: dispute.dispute_id } }, body: { answer: text } })),
    [keys.disputes],
  );
  const complaints = sortComplaints(say.error, ['answer']);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        say.mutate(undefined);
      }}
    >
      <Textarea label="Your answer" description="Once; it cannot be changed." required maxLength={2_000} rows={3} value={text} error={complaints.fields.answer} onChange={(event) => setText(event.currentTarget.value)} />
      {complaints.rest ? <Message tone="bad">{complaints.rest}</Message> : null}
      <div>
        <Button type="submit" loading={say.isPending} disabled={!text.trim()}>
          Answer
        </Button>
      </div>
    </form>
  );
}
