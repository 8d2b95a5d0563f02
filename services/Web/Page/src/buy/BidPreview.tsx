import type { Quote, Settings } from '../api/types';
import { Confirm } from '../ui/Confirm';
import { Facts, Money, Price, Time } from '../ui/figures';
import { Message } from '../ui/states';
import { formatCount, formatPpm } from '../words/money';
import { duration, inBothZones } from '../words/time';
import type { Wanted } from './ticket';

type BidPreviewProps = {
  wanted: Wanted;
  settings: Settings;
  free: number | undefined;
  quote: Quote | undefined;
  working: boolean;
  failure: unknown;
  onPlace: () => void;
  onClose: () => void;
};

/** The bid in full, and what it reserves, before it counts. */
export function BidPreview({ wanted, settings, free, quote, working, failure, onPlace, onClose }: BidPreviewProps) {
  const short = free !== undefined && free < wanted.reserve.total;
  const low = quote?.available && wanted.limit < quote.limit_micros_per_gpu_hour;
  return (
    <Confirm opened title="Confirm bid" deed="Place bid" working={working} failure={failure} onConfirm={onPlace} onClose={onClose}>
      <Facts
        rows={[
          { name: 'Market', value: wanted.market },
          { name: 'GPUs', value: formatCount(wanted.gpus) },
          { name: 'From', value: <Time at={wanted.from} /> },
          { name: 'To', value: <Time at={wanted.to} /> },
          { name: 'Length', value: `${duration(wanted.to - wanted.from)}, ${wanted.slots} ${wanted.slots === 1 ? 'slot' : 'slots'}` },
          { name: 'Filled', value: wanted.kind === 'block' ? 'as a block: whole or not at all' : 'in any part, slot by slot' },
          { name: 'Limit per GPU-hour', value: <Price micros={wanted.limit} /> },
          { name: 'Limit × GPUs × hours', value: <Money micros={wanted.reserve.cost} /> },
          { name: `Fee (${formatPpm(settings.buyer_fee_ppm)})`, value: <Money micros={wanted.reserve.fee} /> },
          { name: 'Reserved until filled or cancelled', value: <Money micros={wanted.reserve.total} />, total: true },
          ...(free === undefined ? [] : [{ name: 'Free after that', value: <Money micros={free - wanted.reserve.total} /> }]),
        ]}
      />
      <p style={{ padding: '8px 0', color: 'var(--ink-2)', fontSize: 12 }}>
        Begins {inBothZones(wanted.from)}. You pay the run&rsquo;s price, never above the limit; what is not spent is free again.
      </p>
      {short ? <Message tone="warn">That is more than is free: the exchange will refuse it. Deposit, or bid for less.</Message> : null}
      {!short && low ? (
        <Message tone="warn">
          The limit is below <Price micros={quote.limit_micros_per_gpu_hour} />, what the open offers ask now: it may wait or stay unfilled.
        </Message>
      ) : null}
    </Confirm>
  );
}
