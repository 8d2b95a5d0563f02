import { PageTitle } from '../app/Shell';
import shell from '../app/shell.module.css';
import { NeedsRole } from '../session/NeedsRole';
import { DisputesOwed } from '../disputes/DisputesPanel';
import { EarningsPanel } from './EarningsPanel';
import { EarningsStrip } from './EarningsStrip';
import { NodesPanel } from './NodesPanel';
import { OffersPanel } from './OffersPanel';
import { OfferTicket } from './OfferTicket';
import { SoldPanel } from './SoldPanel';

const isProvider = (name: string) => !name.startsWith('buyer') && name !== 'operator' && name !== 'auditor';

/** Selling capacity: the nodes, what is offered, what was sold and delivered, and what it earned. */
export default function ProvidePage() {
  return (
    <>
      <PageTitle title="Provide">Offer idle GPUs with a floor; you are paid for every hour you deliver.</PageTitle>
      <NeedsRole roles={['provider']} purpose="Here providers register nodes, offer their GPUs and follow their earnings." demo={isProvider}>
        <EarningsStrip />
        <div className={shell.split}>
          <OfferTicket />
          <OffersPanel />
        </div>
        <div className={shell.grid}>
          <NodesPanel />
          <SoldPanel />
          <DisputesOwed />
          <EarningsPanel className={undefined} />
        </div>
      </NeedsRole>
    </>
  );
}
