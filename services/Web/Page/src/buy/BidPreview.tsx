import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { useBidPreview } from '../api/own';
import { asProblem } from '../api/problem';
import type { PlaceBid, Quote, Settings } from '../api/types';
import { Confirm } from '../ui/Confirm';
import { Facts, Money, Price, Time } from '../ui/figures';
import { Bone, Message } from '../ui/states';
import { formatCount, formatPpm } from '../words/money';
import { duration, inBothZones, minute } from '../words/time';
import type { Wanted } from './ticket';

type BidPreviewProps = {
  wanted: Wanted;
  bid: PlaceBid;
  settings: Settings;
  free: number | undefined;
  quote: Quote | undefined;
  working: boolean;
  failure: unknown;
  onPlace: (confirmed: boolean) => void;
  onClose: () => void;
};

/** The bid in full, what it reserves and how the exchange understands it, before it counts. */
export function BidPreview({ wanted, bid, settings, free, quote, working, failure, onPlace, onClose }: BidPreviewProps) {
  const preview = useBidPreview(bid);
  const [confirmed, setConfirmed] = useState(false);
  const said = preview.data;
  const short = said !== undefined && free !== undefined && free < said.reserved_micros;
  const low = quote?.available && wanted.limit < quote.limit_micros_per_gpu_hour;
  const money = (micros: number | undefined) => (micros === undefined ? <Bone width="7ch" /> : <Money micros={micros} />);
  return (
    <Confirm
      opened title="Confirm bid" deed="Place bid" working={working} failure={failure ?? preview.error} onConfirm={() => onPlace(confirmed)} onClose={onClose}
    >
      <Facts
        rows={[
          { name: wanted.markets.length > 1 ? 'In the cheapest of' : 'Market', value: wanted.markets.join(', ') },
          { name: 'GPUs', value: wanted.node > 0 ? `${formatCount(wanted.gpus)}, in groups of ${wanted.node} on one node each` : formatCount(wanted.gpus) },
          ...(wanted.where ? [{ name: 'Only nodes where', value: wanted.where }] : []),
          ...windowOf(wanted, settings, said?.start_times),
          { name: 'Filled', value: filledAs(wanted) },
          { name: wanted.kind === 'block' ? 'Limit per GPU-hour, on the mean' : 'Limit per GPU-hour', value: <Price micros={wanted.limit} /> },
          ...(said?.reference_micros_per_gpu_hour === undefined ? [] : [{ name: 'Last price', value: <Price micros={said.reference_micros_per_gpu_hour} /> }]),
          { name: `Of it fee (${formatPpm(settings.buyer_fee_ppm)})`, value: money(said?.fee_micros) },
          { name: wanted.kind === 'standing' ? 'Reserved for the next slots, as long as it stands' : 'Reserved until filled or cancelled', value: money(said?.reserved_micros), total: true },
          ...(free === undefined || said === undefined ? [] : [{ name: 'Free after that', value: <Money micros={free - said.reserved_micros} /> }]),
        ]}
      />
      <p style={{ padding: '8px 0', color: 'var(--ink-2)', fontSize: 12 }}>
        Begins {inBothZones(wanted.from)}{wanted.kind === 'block' ? ' at the earliest' : ''}. You pay the run&rsquo;s price, never above the limit; what is not spent is free again.
      </p>
      {said?.warnings.map((warning) => (
        <Message key={warning} tone="warn">
          {warning}
        </Message>
      ))}
      {short ? <Message tone="warn">That is more than is free: the exchange will refuse it. Deposit, or bid for less.</Message> : null}
      {!short && low ? (
        <Message tone="warn">
          The limit is below <Price micros={quote.limit_micros_per_gpu_hour} />, what the open offers ask now: it may wait or stay unfilled.
        </Message>
      ) : null}
      {said?.needs_confirm || (failure && asProblem(failure).reason === 'LIMIT_NOT_CONFIRMED') ? (
        <Checkbox
          mt="xs"
          label="I mean this limit, although it is more than a quarter above the last price"
          checked={confirmed}
          onChange={(event) => setConfirmed(event.currentTarget.checked)}
        />
      ) : null}
    </Confirm>
  );
}

function windowOf(wanted: Wanted, settings: Settings, starts: string[] | undefined) {
  const length = settings.slot_minutes * minute;
  const slots = wanted.to === null ? null : (wanted.to - wanted.from) / length;
  if (wanted.kind !== 'block' || wanted.run === slots) {
    return [
      { name: 'From', value: <Time at={wanted.from} /> },
      { name: 'To', value: wanted.to === null ? 'until it is cancelled' : <Time at={wanted.to} /> },
      ...(slots === null ? [] : [{ name: 'Length', value: `${duration(slots * length)}, ${slots} ${slots === 1 ? 'slot' : 'slots'}` }]),
    ];
  }
  return [
    { name: 'Length', value: `${duration(wanted.run * length)}, ${wanted.run} ${wanted.run === 1 ? 'slot' : 'slots'} in a row` },
    { name: 'Done by', value: wanted.to === null ? '–' : <Time at={wanted.to} /> },
    {
      name: starts ? `Starts, ${starts.length} possible` : 'Starts',
      value: starts ? starts.map((start, at) => <span key={start}>{at ? ', ' : ''}<Time at={start} /></span>) : <Bone width="12ch" />,
    },
  ];
}

function filledAs(wanted: Wanted): string {
  if (wanted.kind === 'standing') return 'in any part, slot after slot; outbid, it ends with its slot and comes back by itself';
  if (wanted.kind === 'divisible') return 'in any part, slot by slot';
  return wanted.minFill < 1_000 ? `as a block: at least ${wanted.minFill / 10}% of its GPUs, or nothing` : 'as a block: whole or not at all';
}
