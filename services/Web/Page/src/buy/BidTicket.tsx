import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useMarkets, useQuote } from '../api/market';
import { useAccount, useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { Settings } from '../api/types';
import { useAddress } from '../app/address';
import { useZone } from '../app/zone';
import { useNow } from '../live/clock';
import { Panel } from '../ui/Panel';
import { Failed, Message, Waiting } from '../ui/states';
import { WhenField } from '../ui/WhenField';
import { firstTradable } from '../words/gates';
import { newId } from '../words/ids';
import { editableDollars } from '../words/money';
import { duration, hour, minute, typedTime, wireTime } from '../words/time';
import { BidPreview } from './BidPreview';
import styles from '../ui/form.module.css';
import { QuoteBox } from './QuoteBox';
import { choicesOf, priceDecimals, readDraft, timesIn, type Draft } from './ticket';

/** The bid: what is needed, what it would likely cost, and a preview before it counts. */
export function BidTicket() {
  const markets = useMarkets();
  const now = useNow(minute);
  return (
    <Panel title="New bid">
      {markets.isError && !markets.data ? (
        <Failed what="Markets" failure={markets.error} retry={() => void markets.refetch()} />
      ) : !markets.data?.settings || now === null ? (
        <Waiting height={420} />
      ) : (
        <Ticket now={now} settings={markets.data.settings} markets={markets.data.markets.filter((one) => one.state === 'open').map((one) => one.market)} />
      )}
    </Panel>
  );
}

const shown = ['markets', 'gpu_count', 'from_time', 'to_time', 'limit_micros_per_gpu_hour', 'kind'];

function Ticket({ now, settings, markets }: { now: number; settings: Settings; markets: string[] }) {
  const zone = useZone();
  const [asked] = useAddress('market');
  const account = useAccount();
  const [draft, setDraft] = useState<Draft>(() => {
    const start = firstTradable(now, settings);
    return {
      market: markets.includes(asked) ? asked : (markets[0] ?? ''), gpus: '8', kind: 'divisible', limit: '',
      from: typedTime(start, zone), to: typedTime(start + 6 * hour, zone),
    };
  });
  const [checked, setChecked] = useState(false);
  const [previewing, setPreviewing] = useState(false);
  // One id for a bid and all its retries; another as soon as the bid is another.
  const [requestId, setRequestId] = useState(newId);
  const [writtenIn, setWrittenIn] = useState(zone);

  const { wanted, complaints } = readDraft(draft, now, zone, settings);
  const place = useDeed(
    (bid: NonNullable<typeof wanted>) =>
      answer(
        exchange.POST('/v1/bids', {
          body: {
            request_id: requestId, kind: bid.kind, markets: [bid.market], gpu_count: bid.gpus,
            from_time: wireTime(bid.from), to_time: wireTime(bid.to), limit_micros_per_gpu_hour: bid.limit,
          },
        }),
      ),
    [keys.bids, keys.account, keys.quote],
  );
  const refused = sortComplaints(place.error, shown);
  const error = (field: keyof Draft, wire: string) => (checked ? complaints[field] : undefined) ?? refused.fields[wire];

  const change = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setRequestId(newId());
    place.reset();
  };
  // The switch between UTC and local time keeps the instants, not the words.
  if (writtenIn !== zone) {
    setWrittenIn(zone);
    setDraft({ ...draft, ...timesIn(zone, draft, writtenIn, now, settings.slot_minutes) });
  }

  const window = readDraft({ ...draft, limit: '1' }, now, zone, settings).wanted;
  const [question] = useDebouncedValue(
    window ? JSON.stringify({ market: window.market, gpus: window.gpus, from: wireTime(window.from), to: wireTime(window.to) }) : '',
    300,
  );
  const quote = useQuote(question ? (JSON.parse(question) as Parameters<typeof useQuote>[0]) : null);
  const { starts, ends } = choicesOf(now, settings);
  const length = settings.slot_minutes * minute;
  const from = window?.from ?? null;
  const useLimit = (micros: number) => change({ limit: editableDollars(micros, priceDecimals(settings)) });

  return (
    <>
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setChecked(true);
          if (wanted) setPreviewing(true);
        }}
      >
        <Select label="Market" data={markets} value={draft.market} searchable allowDeselect={false} error={error('market', 'markets')} onChange={(value) => change({ market: value ?? '' })} />
        <div className={styles.pair}>
          <TextInput
            label="GPUs" inputMode="numeric" value={draft.gpus} error={error('gpus', 'gpu_count')}
            onChange={(event) => change({ gpus: event.currentTarget.value })}
          />
          <TextInput
            label="Limit, $/GPU-h" inputMode="decimal" placeholder="2.40" value={draft.limit} error={error('limit', 'limit_micros_per_gpu_hour')}
            onChange={(event) => change({ limit: event.currentTarget.value })}
          />
        </div>
        <div className={styles.pair}>
          <WhenField label="From" value={draft.from} instant={from} choices={starts} error={error('from', 'from_time')} onChange={(value) => change({ from: value })} />
          <WhenField label="To" value={draft.to} instant={window?.to ?? null} choices={ends} error={error('to', 'to_time')} onChange={(value) => change({ to: value })} />
        </div>
        <div className={styles.quick} role="group" aria-label="Length">
          {[1, 3, 6, 12, 24, 48].map((slots) => (
            <Button
              key={slots}
              variant={window?.slots === slots ? 'light' : 'default'}
              size="compact-xs"
              onClick={() => change({ to: typedTime((from ?? firstTradable(now, settings)) + slots * length, zone) })}
            >
              {duration(slots * length)}
            </Button>
          ))}
        </div>
        <div>
          <SegmentedControl
            fullWidth
            aria-label="How it may be filled"
            value={draft.kind}
            onChange={(value) => change({ kind: value === 'block' ? 'block' : 'divisible' })}
            data={[
              { value: 'divisible', label: 'Divisible' },
              { value: 'block', label: 'Block' },
            ]}
          />
          <p className={styles.hint}>
            {draft.kind === 'block'
              ? 'All GPUs for all slots in a row, or nothing; the limit is on the mean price.'
              : 'Any part of it, each slot by itself; the limit holds in every slot.'}
          </p>
        </div>
        <QuoteBox quote={quote} asked={question !== ''} onUse={useLimit} />
        {refused.rest ? <Message tone="bad">{refused.rest}</Message> : null}
        {place.data?.bid ? (
          <Message tone="good">
            Bid {place.data.bid.bid_id} was placed. It takes part in the next run.
          </Message>
        ) : null}
        <Button type="submit" size="sm">
          Review bid
        </Button>
      </form>
      {previewing && wanted ? (
        <BidPreview
          wanted={wanted}
          settings={settings}
          free={account.data?.free_micros}
          quote={quote.data}
          working={place.isPending}
          failure={place.error}
          onClose={() => setPreviewing(false)}
          onPlace={() =>
            place.mutate(wanted, {
              onSuccess: () => {
                setPreviewing(false);
                setRequestId(newId());
                setChecked(false);
              },
              onError: (failure) => {
                // What names a field is shown beside it; what may pass can be tried again where one is.
                if (Object.keys(sortComplaints(failure, shown).fields).length) setPreviewing(false);
              },
            })
          }
        />
      ) : null}
    </>
  );
}
