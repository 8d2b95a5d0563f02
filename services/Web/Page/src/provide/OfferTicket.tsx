import { Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useMarkets } from '../api/market';
import { useAccount, useDeed, useNodes } from '../api/own';
import { sortComplaints } from '../api/problem';
import type { Node, Settings } from '../api/types';
import { useZone } from '../app/zone';
import { useNow } from '../live/clock';
import { useBoard } from '../market/board';
import { Confirm } from '../ui/Confirm';
import { Facts, Money, Price, Time } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty, Failed, Message, Waiting } from '../ui/states';
import { WhenField } from '../ui/WhenField';
import styles from '../ui/form.module.css';
import { horizonOf } from '../words/gates';
import { newId } from '../words/ids';
import { formatPpm } from '../words/money';
import { day, duration, minute, typedTime, wireTime } from '../words/time';
import { timesIn } from '../buy/ticket';
import { readOffer, type OfferDraft } from './offer';

/** The offer: which node, when, and the least it may earn. */
export function OfferTicket() {
  const markets = useMarkets();
  const nodes = useNodes();
  const now = useNow(minute);
  const failed = markets.isError && !markets.data ? markets : nodes.isError && !nodes.data ? nodes : null;
  return (
    <Panel title="New offer">
      {failed ? (
        <Failed what="Your nodes" failure={failed.error} retry={() => void failed.refetch()} />
      ) : !markets.data?.settings || !nodes.data || now === null ? (
        <Waiting height={380} />
      ) : nodes.data.nodes.length === 0 ? (
        <Empty title="Register a node first">Offers sell the hours of a node. Register one below; its GPUs can be offered a moment later.</Empty>
      ) : (
        <Ticket now={now} settings={markets.data.settings} nodes={nodes.data.nodes} />
      )}
    </Panel>
  );
}

const shown = [
  'node_id', 'gpu_count', 'from_time', 'to_time', 'reserve_micros_per_gpu_hour', 'prompt_reserve_micros_per_gpu_hour', 'run_slot_count_min',
];

function Ticket({ now, settings, nodes }: { now: number; settings: Settings; nodes: Node[] }) {
  const zone = useZone();
  const account = useAccount();
  const board = useBoard();
  const [draft, setDraft] = useState<OfferDraft>(() => {
    const start = horizonOf(now, settings)[1] ?? now;
    const node = nodes.find((one) => one.gpu_count > 0) ?? nodes[0];
    return {
      node: node?.node_id ?? '', gpus: String(node?.gpu_count ?? ''), from: typedTime(start, zone), to: typedTime(start + day, zone), reserve: '', prompt: '', run: '',
    };
  });
  const [checked, setChecked] = useState(false);
  const [previewing, setPreviewing] = useState(false);
  const [requestId, setRequestId] = useState(newId);
  const [writtenIn, setWrittenIn] = useState(zone);
  if (writtenIn !== zone) {
    setWrittenIn(zone);
    setDraft({ ...draft, ...timesIn(zone, draft, writtenIn, now, settings.slot_minutes) });
  }
  const { wanted, complaints } = readOffer(draft, nodes, now, zone, settings);
  const times = readOffer({ ...draft, reserve: '1', prompt: '', run: '' }, nodes, now, zone, settings).wanted;
  const place = useDeed(
    (offer: NonNullable<typeof wanted>) =>
      answer(
        exchange.POST('/v1/offers', {
          body: {
            request_id: requestId, node_id: offer.node.node_id, gpu_count: offer.gpus, from_time: wireTime(offer.from), to_time: wireTime(offer.to),
            reserve_micros_per_gpu_hour: offer.reserve, prompt_reserve_micros_per_gpu_hour: offer.prompt ?? undefined, run_slot_count_min: offer.run,
          },
        }),
      ),
    [keys.offers, keys.account],
  );
  const refused = sortComplaints(place.error, shown);
  const error = (field: keyof OfferDraft, wire: string) => (checked ? complaints[field] : undefined) ?? refused.fields[wire];
  const change = (part: Partial<OfferDraft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setRequestId(newId());
    place.reset();
  };

  const node = nodes.find((one) => one.node_id === draft.node);
  const spot = board.rows?.find((row) => row.market === node?.market)?.spot;
  const slots = horizonOf(now, settings);
  const length = settings.slot_minutes * minute;

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
        <Select
          label="Node" searchable allowDeselect={false} value={draft.node} error={error('node', 'node_id')}
          data={nodes.map((one) => ({ value: one.node_id, label: `${one.name || one.node_id} · ${one.gpu_count} × ${one.market}` }))}
          onChange={(value) => change({ node: value ?? '', gpus: String(nodes.find((one) => one.node_id === value)?.gpu_count ?? draft.gpus) })}
        />
        <div className={styles.pair}>
          <TextInput label="GPUs" inputMode="numeric" value={draft.gpus} error={error('gpus', 'gpu_count')} onChange={(event) => change({ gpus: event.currentTarget.value })} />
          <TextInput
            label="Reserve, $/GPU-h" inputMode="decimal" placeholder="1.85" value={draft.reserve} error={error('reserve', 'reserve_micros_per_gpu_hour')}
            onChange={(event) => change({ reserve: event.currentTarget.value })}
          />
        </div>
        <div className={styles.pair}>
          <WhenField label="From" value={draft.from} instant={times?.from ?? null} choices={slots} error={error('from', 'from_time')} onChange={(value) => change({ from: value })} />
          <WhenField label="To" value={draft.to} instant={times?.to ?? null} choices={slots.map((slot) => slot + length)} error={error('to', 'to_time')} onChange={(value) => change({ to: value })} />
        </div>
        <div className={styles.quick} role="group" aria-label="Length">
          {[6, 12, 24, 72, 168, 336].map((count) => (
            <Button
              key={count} size="compact-xs" variant={times?.slots === count ? 'light' : 'default'}
              onClick={() => change({ to: typedTime((times?.from ?? slots[1] ?? now) + count * length, zone) })}
            >
              {count * length >= 2 * day ? `${(count * length) / day} d` : duration(count * length)}
            </Button>
          ))}
        </div>
        <div className={styles.pair}>
          <TextInput
            label="Prompt reserve" description="for hours about to perish" inputMode="decimal" placeholder="as the reserve" value={draft.prompt}
            error={error('prompt', 'prompt_reserve_micros_per_gpu_hour')} onChange={(event) => change({ prompt: event.currentTarget.value })}
          />
          <TextInput
            label="Minimum run, slots" description="above 1: only to such blocks" inputMode="numeric" placeholder="1" value={draft.run}
            error={error('run', 'run_slot_count_min')} onChange={(event) => change({ run: event.currentTarget.value })}
          />
        </div>
        <p className={styles.hint}>
          {spot != null ? <>The market&rsquo;s spot price is <Price micros={spot} />. </> : 'This market has no spot price yet. '}
          {wanted ? <>Bond: <Money micros={wanted.bond} />.</> : `The bond is ${formatPpm(settings.bond_ppm)} of the reserve.`}
        </p>
        {refused.rest ? <Message tone="bad">{refused.rest}</Message> : null}
        {place.data?.offer ? (
          <Message tone="good">
            Offer {place.data.offer.offer_id} was placed; <Money micros={place.data.bond_micros} /> is bonded.
          </Message>
        ) : null}
        <Button type="submit" size="sm">
          Review offer
        </Button>
      </form>
      {previewing && wanted ? (
        <Confirm
          opened
          title="Confirm offer"
          deed="Place offer"
          working={place.isPending}
          failure={place.error}
          onClose={() => setPreviewing(false)}
          onConfirm={() =>
            place.mutate(wanted, {
              onSuccess: () => {
                setPreviewing(false);
                setRequestId(newId());
                setChecked(false);
              },
              onError: (failure) => {
                if (Object.keys(sortComplaints(failure, shown).fields).length) setPreviewing(false);
              },
            })
          }
        >
          <Facts
            rows={[
              { name: 'Node', value: wanted.node.name || wanted.node.node_id },
              { name: 'Market', value: wanted.node.market },
              { name: 'GPUs', value: wanted.gpus },
              { name: 'From', value: <Time at={wanted.from} /> },
              { name: 'To', value: <Time at={wanted.to} /> },
              { name: 'Length', value: `${wanted.slots} ${wanted.slots === 1 ? 'slot' : 'slots'}` },
              { name: 'Reserve per GPU-hour', value: <Price micros={wanted.reserve} /> },
              ...(wanted.prompt === null ? [] : [{ name: 'Prompt reserve', value: <Price micros={wanted.prompt} /> }]),
              ...(wanted.run > 1 ? [{ name: 'Only to blocks of at least', value: `${wanted.run} slots` }] : []),
              { name: `Seller's fee (${formatPpm(settings.seller_fee_ppm)})`, value: 'out of the proceeds' },
              { name: 'Bonded until delivered or cancelled', value: <Money micros={wanted.bond} />, total: true },
              ...(account.data ? [{ name: 'Free after that', value: <Money micros={account.data.free_micros - wanted.bond} /> }] : []),
            ]}
          />
          {account.data && account.data.free_micros < wanted.bond ? (
            <Message tone="warn">That is more than is free: the exchange will refuse it. Deposit, or offer less.</Message>
          ) : null}
        </Confirm>
      ) : null}
    </>
  );
}
