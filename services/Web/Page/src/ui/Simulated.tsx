import { Badge } from './figures';

/** The mark of a node that is no machine. */
export const Simulated = () => (
  <span title="An inventory file stands for its hardware: nothing is computed there.">
    <Badge tone="warn">simulated</Badge>
  </span>
);
