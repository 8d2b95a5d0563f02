import { Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDestinations, useInstructions } from '../api/money';
import { useAccount, useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { Destination, Withdrawal } from '../api/types';
import { Confirm } from '../ui/Confirm';
import { Facts, Money } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Failed, Message, Waiting } from '../ui/states';
import styles from '../ui/form.module.css';
import { newId } from '../words/ids';
import { editableDollars, exactMoney, formatMoney, parseDollars } from '../words/money';
import { duration, minute } from '../words/time';
import { DestinationDialog } from './DestinationDialog';
import { nameOf } from './destination';

/** Takes money out: how much, and to which of one's own bank accounts. */
export function WithdrawTicket() {
  const destinations = useDestinations();
  const [adding, setAdding] = useState(false);
  const usable = destinations.data?.destinations.filter((one) => one.state === 'active');
  return (
    <Panel title="Withdraw">
      {destinations.isError && !destinations.data ? (
        <Failed what="Your bank accounts" failure={destinations.error} retry={() => void destinations.refetch()} />
      ) : !usable ? (
        <Waiting height={260} />
      ) : usable.length === 0 ? (
        <div className={styles.form}>
          <p>Money leaves the exchange only to a bank account of yours that was named before.</p>
          <Button onClick={() => setAdding(true)}>Add a bank account</Button>
        </div>
      ) : (
        <Ticket usable={usable} />
      )}
      {adding ? <DestinationDialog onClose={() => setAdding(false)} /> : null}
    </Panel>
  );
}

function Ticket({ usable }: { usable: Destination[] }) {
  const account = useAccount();
  const limits = useInstructions().data?.limits;
  const [amount, setAmount] = useState('');
  const [to, setTo] = useState(usable[0]?.destination_id ?? '');
  const [checked, setChecked] = useState(false);
  const [asking, setAsking] = useState(false);
  const [requestId, setRequestId] = useState(newId);
  const [made, setMade] = useState<Withdrawal | null>(null);
  const withdraw = useDeed(
    (wanted: { amount: number; to: string }) =>
      answer(exchange.POST('/v1/withdrawals', { body: { request_id: requestId, amount_micros: wanted.amount, destination_id: wanted.to } })),
    [keys.account, keys.withdrawals, keys.statement, keys.transfers],
  );
  const micros = parseDollars(amount);
  const refused = sortComplaints(withdraw.error, ['amount_micros', 'destination_id']);
  const complaint = checked && !micros ? 'Give an amount in dollars, for example 250.00.' : refused.fields.amount_micros;
  const chosen = usable.find((one) => one.destination_id === to);
  const free = account.data?.free_micros;
  // Banks move whole cents.
  const all = free === undefined ? 0 : free - (free % 10_000);
  const change = (deed: () => void) => {
    deed();
    setRequestId(newId());
    setMade(null);
    withdraw.reset();
  };
  return (
    <>
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setChecked(true);
          if (micros && chosen) setAsking(true);
        }}
      >
        <TextInput
          label="Amount, $" inputMode="decimal" placeholder="250.00" value={amount} error={complaint} onChange={(event) => change(() => setAmount(event.currentTarget.value))}
          rightSectionWidth={52}
          rightSection={
            all > 0 ? (
              <Button variant="subtle" size="compact-xs" onClick={() => change(() => setAmount(editableDollars(all, 2)))} aria-label="Withdraw all that is free">
                all
              </Button>
            ) : null
          }
        />
        <Select
          label="To" allowDeselect={false} value={to} data={usable.map((one) => ({ value: one.destination_id, label: nameOf(one) }))} error={refused.fields.destination_id}
          onChange={(value) => change(() => setTo(value ?? ''))}
        />
        {limits ? (
          <Facts
            rows={[
              { name: 'Free', value: free === undefined ? '–' : <Money micros={free} /> },
              { name: 'At most at once', value: <Money micros={limits.single_micros} /> },
              { name: 'At most in 24 hours', value: <Money micros={limits.daily_micros} /> },
              { name: 'Two operators look from', value: <Money micros={limits.approval_micros} /> },
              { name: 'A new account waits', value: duration(limits.cooling_minutes * minute) },
            ]}
          />
        ) : null}
        {refused.rest ? <Message tone="bad">{refused.rest}</Message> : null}
        {made ? (
          <Message tone={made.state === 'refused' ? 'bad' : 'good'}>
            {formatMoney(made.amount_micros)} {made.state === 'refused' ? `was refused. ${made.explanation}` : 'was asked for: follow it under Withdrawals.'}
          </Message>
        ) : null}
        <Button type="submit">Withdraw…</Button>
      </form>
      {asking && micros && chosen ? (
        <Confirm
          opened title={`Withdraw ${formatMoney(micros)}?`} deed={`Withdraw ${formatMoney(micros)}`} working={withdraw.isPending} failure={withdraw.error}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            withdraw.mutate(
              { amount: micros, to },
              {
                onSuccess: (done) => {
                  setAsking(false);
                  setMade(done.withdrawal);
                  setAmount('');
                  setChecked(false);
                  setRequestId(newId());
                },
              },
            )
          }
        >
          {exactMoney(micros)} to <strong>{nameOf(chosen)}</strong>, held by {chosen.holder}. It cannot be traded with from now on.
        </Confirm>
      ) : null}
    </>
  );
}
