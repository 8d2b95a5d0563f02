import { PageTitle } from '../app/Shell';
import shell from '../app/shell.module.css';
import { NeedsRole } from '../session/NeedsRole';
import { useCallback, useState } from 'react';
import { DisputesOpened } from '../disputes/DisputesPanel';
import { SearchPanel, type Found } from '../search/SearchPanel';
import { AccountStrip } from './AccountStrip';
import { BidsPanel } from './BidsPanel';
import { BidTicket } from './BidTicket';
import { BoughtPanel } from './BoughtPanel';
import { SpendPanel } from './SpendPanel';

/** Buying capacity: the bid, what became of the others, what is being delivered, and what it costs. */
export default function BuyPage() {
  const [found, setFound] = useState<{ found: Found; count: number } | null>(null);
  const bidOn = useCallback((next: Found) => {
    setFound((before) => ({ found: next, count: (before?.count ?? 0) + 1 }));
    const ticket = document.getElementById('ticket');
    ticket?.scrollIntoView({ block: 'nearest' });
    ticket?.focus({ preventScroll: true });
  }, []);
  return (
    <>
      <PageTitle title="Buy">Say what you need and the most you would pay; the next run fills it at one price for all.</PageTitle>
      <NeedsRole roles={['buyer']} purpose="Here buyers bid for GPU-hours and follow what they bought." demo={(name) => name.startsWith('buyer')}>
        <AccountStrip />
        <div className={shell.split}>
          <div id="ticket" tabIndex={-1} className={shell.target}>
            <BidTicket key={found?.count ?? 0} found={found?.found} />
          </div>
          <BidsPanel />
        </div>
        <div className={shell.grid}>
          <SearchPanel className={undefined} onBid={bidOn} />
          <BoughtPanel className={shell.w9} />
          <SpendPanel className={shell.w3} />
          <DisputesOpened />
        </div>
      </NeedsRole>
    </>
  );
}
