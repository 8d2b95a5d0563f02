import { Tabs } from '@mantine/core';
import { useAddress } from '../app/address';
import { PageTitle } from '../app/Shell';
import shell from '../app/shell.module.css';
import { NeedsRole } from '../session/NeedsRole';
import { DepositsPanel } from './DepositsPanel';
import { DestinationsPanel } from './DestinationsPanel';
import { DocumentsPanel } from './DocumentsPanel';
import { MoneyStrip } from './MoneyStrip';
import { ProfilePanel } from './ProfilePanel';
import { ReasonsPanel } from './ReasonsPanel';
import { StatementPanel } from './StatementPanel';
import { WithdrawalsPanel } from './WithdrawalsPanel';
import { WithdrawTicket } from './WithdrawTicket';

/** One's own money: where it is and why, how it moved, and how it comes in and goes out. */
export default function MoneyPage() {
  const [view, setView] = useAddress('view', 'balances');
  const views = [
    { value: 'balances', label: 'Balances', page: <Balances /> },
    { value: 'statement', label: 'Statement', page: <StatementPanel /> },
    { value: 'documents', label: 'Documents', page: <DocumentsPanel /> },
    { value: 'destinations', label: 'Bank accounts', page: <DestinationsPanel /> },
    { value: 'profile', label: 'Profile', page: <ProfilePanel /> },
  ];
  return (
    <>
      <PageTitle title="Money">Every amount, why it is what it is, and every movement behind it.</PageTitle>
      <NeedsRole
        roles={['buyer', 'provider', 'trader']} purpose="Here participants see their money, pay in and take out."
        demo={(name) => name.startsWith('buyer') || name.startsWith('host')}
      >
        <MoneyStrip />
        <Tabs value={view} onChange={(value) => setView(value ?? 'balances')} keepMounted={false}>
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

const Balances = () => (
  <div className={shell.main} style={{ padding: 0, minHeight: 0 }}>
    <div className={shell.split}>
      <WithdrawTicket />
      <ReasonsPanel />
    </div>
    <div className={shell.grid}>
      <WithdrawalsPanel className={shell.w7} />
      <DepositsPanel className={shell.w5} />
    </div>
  </div>
);
