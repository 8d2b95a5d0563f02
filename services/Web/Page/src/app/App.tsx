import { lazy, Suspense } from 'react';
import { Link, Route, Switch } from 'wouter';
import { useMarkets } from '../api/market';
import { MarketPage } from '../market/MarketPage';
import { Empty, Waiting } from '../ui/states';
import { Tick } from '../ui/tick';
import { ErrorBoundary } from './ErrorBoundary';
import { Shell } from './Shell';

const BuyPage = lazy(() => import('../buy/BuyPage'));
const ProvidePage = lazy(() => import('../provide/ProvidePage'));
const RunPage = lazy(() => import('../market/RunPage'));
const MoneyPage = lazy(() => import('../money/MoneyPage'));
const NodePage = lazy(() => import('../node/NodePage'));
const LeasePage = lazy(() => import('../lease/LeasePage'));
const OperatePage = lazy(() => import('../operate/OperatePage'));

/** The console: five pages in one frame, and one for each run, node and lease. */
export function App() {
  const tick = useMarkets().data?.settings.tick_micros ?? 1_000;
  return (
    <Tick value={tick}>
      <Shell>
        <ErrorBoundary>
          <Suspense fallback={<Waiting height={400} />}>
            <Switch>
              <Route path="/" component={MarketPage} />
              <Route path="/market" component={MarketPage} />
              <Route path="/runs/:id" component={RunPage} />
              <Route path="/nodes/:id" component={NodePage} />
              <Route path="/leases/:id" component={LeasePage} />
              <Route path="/buy" component={BuyPage} />
              <Route path="/provide" component={ProvidePage} />
              <Route path="/money" component={MoneyPage} />
              <Route path="/operate" component={OperatePage} />
              <Route>
                <Empty title="There is no such page" action={<Link href="/market">To the market</Link>}>
                  The address may have been mistyped.
                </Empty>
              </Route>
            </Switch>
          </Suspense>
        </ErrorBoundary>
      </Shell>
    </Tick>
  );
}
