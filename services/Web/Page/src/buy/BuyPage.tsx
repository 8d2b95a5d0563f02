import { PageTitle } from '../app/Shell';
import shell from '../app/shell.module.css';
import { NeedsRole } from '../session/NeedsRole';
import { AccountStrip } from './AccountStrip';
import { BidsPanel } from './BidsPanel';
import { BidTicket } from './BidTicket';
import { BoughtPanel } from './BoughtPanel';
import { SpendPanel } from './SpendPanel';

/** Buying capacity: the bid, what became of the others, what is being delivered, and what it costs. */
export default function BuyPage() {
  return (
    <>
      <PageTitle title="Buy">Say what you need and the most you would pay; the next run fills it at one price for all.</PageTitle>
      <NeedsRole roles={['buyer']} purpose="Here buyers bid for GPU-hours and follow what they bought." demo={(name) => name.startsWith('buyer')}>
        <AccountStrip />
        <div className={shell.split}>
          <BidTicket />
          <BidsPanel />
        </div>
        <div className={shell.grid}>
          <BoughtPanel className={shell.w9} />
          <SpendPanel className={shell.w3} />
        </div>
      </NeedsRole>
    </>
  );
}
