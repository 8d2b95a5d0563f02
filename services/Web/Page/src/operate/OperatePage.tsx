import { Tabs } from '@mantine/core';
import { useAddress } from '../app/address';
import { PageTitle } from '../app/Shell';
import { useClockMode } from '../live/clock';
import { RunsPanel } from '../market/RunsPanel';
import { NeedsRole } from '../session/NeedsRole';
import { AuditPanel } from './AuditPanel';
import { ClockPanel } from './ClockPanel';
import { DisputesPanel } from './DisputesPanel';
import { HealthPanel } from './HealthPanel';
import { HealthStrip } from './HealthStrip';
import { LedgerPanel } from './LedgerPanel';
import { MarketsPanel } from './MarketsPanel';
import { NodesPanel } from './NodesPanel';
import { PaymentsPanel } from './payments/PaymentsPanel';
import { ParticipantsPanel } from './ParticipantsPanel';

/** Running the exchange: is it healthy, is the money right, who did what; and the few levers there are. */
export default function OperatePage() {
  const [view, setView] = useAddress('view', 'health');
  const { simulated } = useClockMode();
  const views = [
    { value: 'health', label: 'Services', page: <HealthPanel /> },
    { value: 'runs', label: 'Runs', page: <RunsPanel count={100} /> },
    { value: 'ledger', label: 'Ledger', page: <LedgerPanel /> },
    { value: 'payments', label: 'Payments', page: <PaymentsPanel /> },
    { value: 'nodes', label: 'Nodes', page: <NodesPanel /> },
    { value: 'disputes', label: 'Disputes', page: <DisputesPanel /> },
    { value: 'markets', label: 'Markets', page: <MarketsPanel /> },
    { value: 'participants', label: 'Participants', page: <ParticipantsPanel /> },
    { value: 'audit', label: 'Audit', page: <AuditPanel /> },
    ...(simulated ? [{ value: 'clock', label: 'Clock', page: <ClockPanel /> }] : []),
  ];
  return (
    <>
      <PageTitle title="Operate">Is it healthy, is the money right, who did what.</PageTitle>
      <NeedsRole roles={['operator', 'auditor']} purpose="Here operators watch and, if they must, halt; auditors see the same." demo={(name) => name === 'operator' || name === 'auditor'}>
        <HealthStrip />
        <Tabs value={view} onChange={(value) => setView(value ?? 'health')} keepMounted={false}>
          <Tabs.List aria-label="What to look at" mb="sm">
            {views.map((one) => (
              <Tabs.Tab key={one.value} value={one.value}>
                {one.label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {views.map((one) => (
            <Tabs.Panel key={one.value} value={one.value}>
              {one.page}
            </Tabs.Panel>
          ))}
        </Tabs>
      </NeedsRole>
    </>
  );
}
