import { Button, MultiSelect, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useMarkets, useQuote } from '../api/market';
import { useAccount, useDeed } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { PlaceBid, Settings } from '../api/types';
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
import type { Found } from '../search/SearchPanel';
import { choicesOf, draftOf, nodeSizes, priceDecimals, readDraft, timesIn, type Draft, type Kind, type Wanted } from './ticket';

/** The bid: what is needed, what it would likely cost, and a preview before it counts. */
export function BidTicket({ found }: { found?: Found | undefined }) {
  const markets = useMarkets();
  const now = useNow(minute);
  return (
    <Panel title="New bid">
      {markets.isError && !markets.data ? (
        <Failed what="Markets" failure={markets.error} retry={() => void markets.refetch()} />
      ) : !markets.data?.settings || now === null ? (
        <Waiting height={420} />
      ) : (
        <Ticket now={now} settings={markets.data.settings} found={found} markets={markets.data.markets.filter((one) => one.state === 'open').map((one) => one.market)} />
      )}
    </Panel>
  );
}

const shown = [
  'markets', 'gpu_count', 'from_time', 'to_time', 'limit_micros_per_gpu_hour', 'kind', 'run_slot_count', 'min_fill_per_mille', 'node_gpu_count', 'where',
];

const hints: Record<Kind, string> = {
  divisible: 'Any part of it, each slot by itself; the limit holds in every slot.',
  block: 'All GPUs for a run of slots in a row somewhere in the window, or nothing; the limit is on the mean price.',
  standing: 'Interruptible: bid for again slot after slot. Outbid, it ends with its slot and comes back by itself when the price falls.',
};

/** The bid as it is sent. */
const requestOf = (wanted: Wanted, requestId: string, confirm: boolean): PlaceBid => ({
  request_id: requestId, kind: wanted.kind, markets: wanted.markets, gpu_count: wanted.gpus, from_time: wireTime(wanted.from),
  to_time: wanted.to === null ? undefined : wireTime(wanted.to), limit_micros_per_gpu_hour: wanted.limit, run_slot_count: wanted.run, start_times: [],
  min_fill_per_mille: wanted.minFill, node_gpu_count: wanted.node, parent_bid_id: 0, group: '', confirm, where: wanted.where,
});

function Ticket({ now, settings, markets, found }: { now: number; settings: Settings; markets: string[]; found: Found | undefined }) {
  const zone = useZone();
  const [asked] = useAddress('market');
  const account = useAccount();
  const [draft, setDraft] = useState<Draft>(() => {
    const start = firstTradable(now, settings);
    if (found) return draftOf(found, now, zone, settings);
    return {
      markets: [markets.includes(asked) ? asked : (markets[0] ?? '')].filter(Boolean), gpus: '8', kind: 'divisible', limit: '',
      from: typedTime(start, zone), to: typedTime(start + 6 * hour, zone), run: '', minFill: '100', node: '0', where: '',
    };
  });
  const [checked, setChecked] = useState(false);
  const [previewing, setPreviewing] = useState(false);
  // One id for a bid and all its retries; another as soon as the bid is another.
  const [requestId, setRequestId] = useState(newId);
  const [writtenIn, setWrittenIn] = useState(zone);

  const { wanted, complaints } = readDraft(draft, now, zone, settings);
  const place = useDeed(
    (bid: PlaceBid) => answer(exchange.POST('/v1/bids', { body: bid })),
    [keys.bids, keys.account, keys.quote],
  );
  const refused = sortComplaints(place.error, shown);
  const isBlock = draft.kind === 'block';
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

  const length = settings.slot_minutes * minute;
  const window = readDraft({ ...draft, limit: '1' }, now, zone, settings).wanted;
  const slots = window?.to ? (window.to - window.from) / length : null;
  const [question] = useDebouncedValue(
    window
      ? JSON.stringify({
          market: window.markets[0], gpus: window.gpus, from: wireTime(window.from),
          to: wireTime(window.kind === 'block' || window.to === null ? window.from + Math.max(1, window.run) * length : window.to),
        })
      : '',
    300,
  );
  const quote = useQuote(question ? (JSON.parse(question) as Parameters<typeof useQuote>[0]) : null);
  const { starts, ends } = choicesOf(now, settings);
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
        <MultiSelect
          label={draft.markets.length > 1 ? 'Markets, filled in the cheapest' : 'Market'} data={markets} value={draft.markets} searchable maxValues={8} hidePickedOptions
          error={error('markets', 'markets')} onChange={(value) => change({ markets: value })}
        />
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
        <div>
          <SegmentedControl
            fullWidth
            aria-label="How it may be filled"
            value={draft.kind}
            onChange={(value) => change({ kind: value })}
            data={[
              { value: 'divisible', label: 'Divisible' },
              { value: 'block', label: 'Block' },
              { value: 'standing', label: 'Standing' },
            ]}
          />
          <p className={styles.hint}>{hints[draft.kind]}</p>
        </div>
        <div className={styles.pair}>
          <WhenField label={isBlock ? 'Earliest start' : 'From'} value={draft.from} instant={from} choices={starts} error={error('from', 'from_time')} onChange={(value) => change({ from: value })} />
          <WhenField label={isBlock ? 'Latest end' : draft.kind === 'standing' ? 'To (empty: no end)' : 'To'} value={draft.to} instant={window?.to ?? null} choices={ends} error={error('to', 'to_time')} onChange={(value) => change({ to: value })} />
        </div>
        <div className={styles.quick} role="group" aria-label="Length">
          {[1, 3, 6, 12, 24, 48].map((count) => (
            <Button
              key={count}
              variant={slots === count ? 'light' : 'default'}
              size="compact-xs"
              onClick={() => change({ to: typedTime((from ?? firstTradable(now, settings)) + count * length, zone) })}
            >
              {duration(count * length)}
            </Button>
          ))}
        </div>
        {isBlock ? (
          <div className={styles.triple}>
            <TextInput
              label="Slots in a row" inputMode="numeric" placeholder={slots === null ? 'all' : `all ${slots}`} value={draft.run} error={error('run', 'run_slot_count')}
              onChange={(event) => change({ run: event.currentTarget.value })}
            />
            <TextInput
              label="Least fill, %" inputMode="numeric" value={draft.minFill} error={error('minFill', 'min_fill_per_mille')}
              onChange={(event) => change({ minFill: event.currentTarget.value })}
            />
            <Select
              label="On one node" data={[{ value: '0', label: 'any' }, ...nodeSizes.map((size) => ({ value: String(size), label: `${size} GPUs` }))]} value={draft.node}
              allowDeselect={false} error={error('node', 'node_gpu_count')} onChange={(value) => change({ node: value ?? '0' })}
            />
          </div>
        ) : null}
        {isBlock ? (
          <TextInput
            label="Only nodes where" placeholder="reliability > 0.98 and verified and zone = EU" spellCheck={false} autoComplete="off" value={draft.where} error={error('where', 'where')}
            onChange={(event) => change({ where: event.currentTarget.value })}
          />
        ) : null}
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
          bid={requestOf(wanted, '', false)}
          settings={settings}
          free={account.data?.free_micros}
          quote={quote.data}
          working={place.isPending}
          failure={place.error}
          onClose={() => setPreviewing(false)}
          onPlace={(confirmed) =>
            place.mutate(requestOf(wanted, requestId, confirmed), {
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
