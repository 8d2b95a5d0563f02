import { Link, useParams } from 'wouter';
import { useDelivery, useDeliveryWatch, useDisputes } from '../api/delivery';
import { useLeases } from '../api/own';
import { asProblem } from '../api/problem';
import type { Delivery, Lease } from '../api/types';
import { PageTitle } from '../app/Shell';
import shell from '../app/shell.module.css';
import { DisputeView } from '../disputes/DisputeView';
import { useNow } from '../live/clock';
import { NeedsRole } from '../session/NeedsRole';
import { useSession } from '../session/session';
import { Copied } from '../ui/Copied';
import { Badge, Countdown, Facts, Price, Stat, Stats, StateBadge, Time, Window } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { Simulated } from '../ui/Simulated';
import { Empty, Failed, Message, Waiting } from '../ui/states';
import styles from '../ui/form.module.css';
import ui from '../ui/ui.module.css';
import { deliveryOf } from '../words/delivery';
import { formatGpuHours } from '../words/money';
import { closeReasons, isOpen, standingOf } from '../words/phases';
import { instantOf, minute } from '../words/time';
import { Deeds } from './Deeds';
import { LogPanel } from './LogPanel';
import { MetersPanel } from './MetersPanel';
import { WorkloadPanel } from './WorkloadPanel';

/** One lease and what is delivered on it: where it stands, what runs, what both sides measured, and what can be done. */
export default function LeasePage() {
  const { id } = useParams<{ id: string }>();
  const leaseId = /^\d{1,15}$/.test(id) ? Number(id) : 0;
  return (
    <NeedsRole roles={['buyer', 'provider', 'operator', 'auditor']} purpose="Here buyers and providers see what is delivered on a lease of theirs." demo={() => true}>
      <Loaded key={leaseId} leaseId={leaseId} />
    </NeedsRole>
  );
}

function Loaded({ leaseId }: { leaseId: number }) {
  const leases = useLeases();
  const lease = leases.rows?.find((one) => one.lease_id === leaseId);
  // Without an agent there is no delivery to ask for; of a lease that is far back in the list, only its delivery is asked for.
  const hasDelivery = leases.rows !== undefined && (lease === undefined || lease.delivery_id > 0 || lease.phase !== 'unspecified');
  const delivery = useDelivery(leaseId, hasDelivery);
  const heard = useDeliveryWatch(leaseId, delivery.data !== undefined && isOpen(delivery.data.phase));

  if (lease || delivery.data) return <Shown leaseId={leaseId} lease={lease} delivery={delivery.data} heard={heard} />;
  return (
    <>
      <PageTitle title={`Lease ${leaseId}`} />
      <Panel title="The lease">
        <Missing leases={leases} delivery={delivery} />
      </Panel>
    </>
  );
}

function Missing({ leases, delivery }: { leases: ReturnType<typeof useLeases>; delivery: ReturnType<typeof useDelivery> }) {
  if (leases.isError) return <Failed what="The lease" failure={leases.error} retry={() => void leases.refetch()} />;
  if (delivery.isError)
    return (
      <Empty title="There is no such lease of yours" action={<Link href="/buy">To your leases</Link>}>
        {asProblem(delivery.error).message}
      </Empty>
    );
  return <Waiting height={400} />;
}

type ShownProps = { leaseId: number; lease: Lease | undefined; delivery: Delivery | undefined; heard: boolean };

function Shown({ leaseId, lease, delivery, heard }: ShownProps) {
  const { session } = useSession();
  const now = useNow(minute);
  const isBuyer = lease ? lease.buyer_id === session.participant_id : session.roles.includes('buyer');
  const isProvider = lease?.provider_id === session.participant_id;
  const disputes = useDisputes('unspecified');
  const own = disputes.data?.filter((one) => one.lease_id === leaseId || delivery?.lease_ids.includes(one.lease_id)) ?? [];
  const from = delivery?.from_time ?? lease?.from_time ?? '';
  const to = delivery?.to_time ?? lease?.to_time ?? '';
  const standing = delivery ? standingOf(delivery, now) : null;
  return (
    <>
      <div className={shell.titled}>
        <PageTitle title={`Lease ${leaseId}`}>
          {delivery?.market ?? lease?.market} {delivery?.simulated ? <Simulated /> : null}
        </PageTitle>
        <Deeds leaseId={leaseId} lease={lease} delivery={delivery} isBuyer={isBuyer} isProvider={isProvider} />
      </div>
      {delivery ? <Interruption delivery={delivery} isBuyer={isBuyer} /> : null}
      <Stats label="The lease">
        <Stat
          label="Stands at"
          value={standing ? <Badge tone={standing.tone}>{standing.word}</Badge> : lease ? <StateBadge state={lease.state} /> : '–'}
          sub={standing?.sentence ?? 'Its provider reports by hand what was delivered.'}
        />
        <Stat label="Delivery" value={<When from={from} to={to} open={delivery ? isOpen(delivery.phase) : true} />} sub={<Window from={from} to={to} />} />
        <Stat
          label="GPUs" value={lease?.gpu_count ?? delivery?.gpu_uuids.length ?? '–'}
          sub={delivery ? <>on <NodeName delivery={delivery} linked={isProvider || session.roles.includes('operator')} /></> : 'on a node without an agent'}
        />
        {lease ? <Measured lease={lease} /> : null}
      </Stats>
      <div className={shell.grid}>
        {delivery ? <PlacePanel delivery={delivery} lease={lease} heard={heard} isBuyer={isBuyer} className={shell.w5} /> : null}
        {delivery && isBuyer ? <WorkloadPanel leaseId={leaseId} delivery={delivery} className={shell.w7} /> : null}
        {delivery && isBuyer ? <LogPanel leaseId={leaseId} className={shell.w7} /> : null}
        {delivery ? <EventsPanel delivery={delivery} className={isBuyer ? shell.w5 : shell.w7} /> : null}
        <MetersPanel lease={lease} delivery={delivery} />
        {own.length ? (
          <Panel title="Disputes">
            <div className={styles.form}>
              {own.map((dispute) => (
                <DisputeView key={dispute.dispute_id} dispute={dispute} mayAnswer={isProvider} />
              ))}
            </div>
          </Panel>
        ) : null}
      </div>
    </>
  );
}

const NodeName = ({ delivery, linked }: { delivery: Delivery; linked: boolean }) =>
  linked ? <Link href={`/nodes/${delivery.node_id}`}>{delivery.node_name || 'its node'}</Link> : <>{delivery.node_name || 'its node'}</>;

/** How long until it begins or ends. */
function When({ from, to, open }: { from: string; to: string; open: boolean }) {
  const now = useNow();
  if (now === null) return <>–</>;
  if (!open || now >= instantOf(to)) return <>over</>;
  return now < instantOf(from) ? <>begins in <Countdown to={instantOf(from)} /></> : <>ends in <Countdown to={instantOf(to)} /></>;
}

function Measured({ lease }: { lease: Lease }) {
  const { sold, delivered, missing } = deliveryOf(lease);
  return (
    <Stat
      label="Delivered, GPU-h" value={`${formatGpuHours(delivered / 60)} of ${formatGpuHours(sold / 60)}`}
      sub={missing > 0 ? <span className={ui.bad}>{formatGpuHours(missing / 60)} missing, paid back</span> : 'as far as it is metered'}
    />
  );
}

/** It will end early: when, why, and what that means. */
function Interruption({ delivery, isBuyer }: { delivery: Delivery; isBuyer: boolean }) {
  const ends = instantOf(delivery.interrupt_time);
  if (Number.isNaN(ends) || !isOpen(delivery.phase)) return null;
  return (
    <Message tone="warn">
      <strong>
        It ends early, in <Countdown to={ends} />
      </strong>{' '}
      (<Time at={ends} />). {closeReasons[delivery.interrupt_reason]}
      {isBuyer ? ' Save what you need: the workload was told by its metadata endpoint and gets the end signal then.' : null}
    </Message>
  );
}

type PlacePanelProps = { delivery: Delivery; lease: Lease | undefined; heard: boolean; isBuyer: boolean; className: string | undefined };

/** Where the delivery is and how to come in. */
function PlacePanel({ delivery, lease, heard, isBuyer, className }: PlacePanelProps) {
  const chain = delivery.lease_ids.length > 1 || delivery.lease_ids[0] !== lease?.lease_id;
  return (
    <Panel title="Where" note={isOpen(delivery.phase) ? (heard ? 'live' : 'asked again every 10 s') : undefined} className={className}>
      <div className={styles.form}>
        {delivery.message ? <Message tone={delivery.phase === 'failed' ? 'bad' : 'warn'}>{delivery.message}</Message> : null}
        {isBuyer ? (
          <div>
            <h3 className={styles.step}>SSH</h3>
            {delivery.ssh_endpoint ? <Copied label="the SSH command" text={sshCommand(delivery.ssh_endpoint)} testId="ssh" /> : <p className={styles.hint}>{noEndpoint(delivery)}</p>}
          </div>
        ) : null}
        <div>
          <h3 className={styles.step}>GPUs</h3>
          {delivery.gpu_uuids.length ? (
            <ul className={styles.say} aria-label="GPUs of the delivery">
              {delivery.gpu_uuids.map((uuid) => (
                <li key={uuid} className={ui.mono}>
                  {uuid}
                </li>
              ))}
            </ul>
          ) : (
            <p className={styles.hint}>They are named ten minutes before it begins.</p>
          )}
        </div>
        <Facts
          rows={[
            ...(chain ? [{ name: 'Leases in a row', value: delivery.lease_ids.join(', ') }] : []),
            ...(lease?.replaces_lease_id ? [{ name: 'Bought in place of', value: <Link href={`/leases/${lease.replaces_lease_id}`}>lease {lease.replaces_lease_id}</Link> }] : []),
            ...(lease?.bid_id ? [{ name: 'Bought by', value: `bid ${lease.bid_id}` }] : []),
            ...(isBuyer ? [{ name: 'If hours fail', value: delivery.rebid_limit_micros_per_gpu_hour ? <>bid again, up to <Price micros={delivery.rebid_limit_micros_per_gpu_hour} /></> : 'not bid for again' }] : []),
          ]}
        />
      </div>
    </Panel>
  );
}

/** host:port as it is typed. */
function sshCommand(endpoint: string): string {
  const at = endpoint.lastIndexOf(':');
  const host = endpoint.slice(0, at).replace(/^\[|\]$/g, '');
  return at > 0 ? `ssh -p ${endpoint.slice(at + 1)} root@${host}` : `ssh root@${endpoint}`;
}

const noEndpoint = (delivery: Delivery): string =>
  delivery.workload?.ssh_public_keys.length ? 'Its address is shown here as soon as the node has opened it.' : 'Nobody can come in: give a public key with the workload.';

function EventsPanel({ delivery, className }: { delivery: Delivery; className: string | undefined }) {
  return (
    <Panel title="What happened" note="newest first" className={className}>
      {delivery.events.length ? (
        <ol className={styles.say} aria-label="Events of the delivery" style={{ listStyle: 'none', paddingLeft: 0 }}>
          {delivery.events.toReversed().map((event, index) => (
            <li key={`${event.at_time} ${index}`}>
              <span className={ui.calm}>
                <Time at={event.at_time} />
              </span>{' '}
              {event.message}
            </li>
          ))}
        </ol>
      ) : (
        <p className={styles.hint}>Nothing yet.</p>
      )}
    </Panel>
  );
}
