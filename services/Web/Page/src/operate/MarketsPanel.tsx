import { Button } from '@mantine/core';
import { createColumnHelper } from '@tanstack/react-table';
import { useMemo, useState } from 'react';
import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useMarkets } from '../api/market';
import { useDeed } from '../api/own';
import type { Market } from '../api/types';
import shell from '../app/shell.module.css';
import { useSession } from '../session/session';
import { Confirm } from '../ui/Confirm';
import { DataTable } from '../ui/DataTable';
import { Facts, Money, Price, StateBadge } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Empty, Waiting } from '../ui/states';
import { newId } from '../words/ids';
import { formatCount, formatPpm } from '../words/money';
import { NewMarket } from './NewMarket';

/** The markets, to halt or to reopen, and the rules in force. */
export function MarketsPanel() {
  const markets = useMarkets();
  const { has } = useSession();
  const operator = has('operator');
  const [asking, setAsking] = useState<{ market: string; halt: boolean; requestId: string } | null>(null);
  const define = useDeed(
    (wanted: NonNullable<typeof asking>) =>
      answer(exchange.POST('/v1/markets', { body: { request_id: wanted.requestId, market: { market: wanted.market, state: wanted.halt ? 'halted' : 'open' } } })),
    [keys.markets, keys.audit],
  );
  const columns = useMemo(() => {
    const column = createColumnHelper<Market>();
    return [
      column.accessor('market', { header: 'Market', cell: (cell) => <strong>{cell.getValue()}</strong> }),
      column.accessor('state', { header: 'State', cell: (cell) => <StateBadge state={cell.getValue()} /> }),
      column.display({
        id: 'act',
        header: () => <span className="visually-hidden">Halt or reopen</span>,
        cell: ({ row }) => {
          const halt = row.original.state !== 'halted';
          return operator ? (
            <Button
              variant="default" size="compact-xs" color={halt ? 'red' : undefined} aria-label={`${halt ? 'Halt' : 'Reopen'} ${row.original.market}`}
              onClick={() => setAsking({ market: row.original.market, halt, requestId: newId() })}
            >
              {halt ? 'Halt' : 'Reopen'}
            </Button>
          ) : null;
        },
      }),
    ];
  }, [operator]);
  const rules = markets.data?.settings;
  const close = () => {
    setAsking(null);
    define.reset();
  };
  return (
    <div className={shell.grid}>
      <Panel title="Markets" className={shell.w7} flush tools={operator ? <NewMarket /> : undefined}>
        <DataTable
          label="Markets" rows={markets.data?.markets} columns={columns} rowKey={(row) => row.market} loading={markets} first={50}
          empty={<Empty title="There are no markets yet">Define the first one: a GPU class and a region, for example H100-SXM-80GB.us-east.</Empty>}
        />
      </Panel>
      <Panel title="Rules in force" className={shell.w5}>
        {!rules ? (
          <Waiting height={240} />
        ) : (
          <Facts
            rows={[
              { name: 'Slot', value: `${rules.slot_minutes} min` },
              { name: 'Horizon', value: `${rules.horizon_slot_count} slots` },
              { name: 'Gate', value: `${rules.gate_minutes} min before the slot` },
              { name: 'A run every', value: `${formatCount(rules.run_interval_seconds)} s` },
              { name: 'Slot in progress trades while', value: `${rules.prompt_minutes_min} min are left` },
              { name: "Buyer's fee", value: formatPpm(rules.buyer_fee_ppm) },
              { name: "Seller's fee", value: formatPpm(rules.seller_fee_ppm) },
              { name: 'Bond', value: <>{formatPpm(rules.bond_ppm)} of the reserve, at least <Money micros={rules.least_bond_micros_per_gpu_hour} /></> },
              { name: 'Tick', value: <Price micros={rules.tick_micros} /> },
              { name: 'Highest price', value: <Price micros={rules.highest_price_micros_per_gpu_hour} /> },
              { name: 'GPUs in one bid', value: `at most ${formatCount(rules.bid_gpu_count_max)}` },
              { name: 'Open bids of one participant', value: `at most ${formatCount(rules.open_bid_count_max)}` },
            ]}
          />
        )}
      </Panel>
      {asking ? (
        <Confirm
          opened
          danger={asking.halt}
          title={asking.halt ? `Halt ${asking.market}?` : `Reopen ${asking.market}?`}
          deed={`${asking.halt ? 'Halt' : 'Reopen'} ${asking.market}`}
          working={define.isPending}
          failure={define.error}
          onClose={close}
          onConfirm={() => define.mutate(asking, { onSuccess: close })}
        >
          {asking.halt
            ? 'It takes no bids and no offers and is left out of the runs until it is reopened; cancels are served, leases go on. The act is written to the audit log.'
            : 'It takes bids and offers again and is part of the next run. The act is written to the audit log.'}
        </Confirm>
      ) : null}
    </div>
  );
}
