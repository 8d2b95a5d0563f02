import { PageTitle } from '../app/Shell';
import { useAddress } from '../app/address';
import shell from '../app/shell.module.css';
import { BoardTable } from './BoardTable';
import { useBoard, type BoardRow } from './board';
import { DepthPanel } from './DepthPanel';
import { IndexPanel } from './IndexPanel';
import { MarketStrip } from './MarketStrip';
import { PricePanel } from './PricePanel';
import { RunsPanel } from './RunsPanel';
import { SlotMap } from './SlotMap';
import { TradesPanel } from './TradesPanel';

/** What capacity costs, what is for sale, and what the last runs decided: open to everyone. */
export function MarketPage() {
  const { rows } = useBoard();
  const [asked, choose] = useAddress('market');
  // Without a choice: the market in which most was delivered in the last day.
  const busiest = rows?.reduce<BoardRow | undefined>((most, row) => (most && most.gpuMinutes >= row.gpuMinutes ? most : row), undefined);
  const market = asked || (busiest?.market ?? '');

  return (
    <>
      <PageTitle title="Market">GPU capacity by the hour, sold in uniform-price auctions.</PageTitle>
      <MarketStrip />
      <div className={shell.grid}>
        <BoardTable className={shell.w6} chosen={market} onChoose={choose} />
        <PricePanel className={shell.w6} market={market} />
        <SlotMap market={market} />
        <DepthPanel market={market} />
        <RunsPanel className={shell.w6} />
        <TradesPanel className={shell.w6} market={market} />
        <IndexPanel />
      </div>
    </>
  );
}
