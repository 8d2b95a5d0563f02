import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { Empty } from '../ui/states';

/** A page that breaks says so in its own place; the rest of the console goes on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: Error | null }> {
  override state: { broken: Error | null } = { broken: null };

  static getDerivedStateFromError(broken: Error) {
    return { broken };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <Empty title="This page broke" action={<Button onClick={() => window.location.reload()}>Load it again</Button>}>
        {this.state.broken.message} Nothing you placed is affected: bids, offers and leases are kept by the exchange.
      </Empty>
    );
  }
}
