import { answer, exchange } from '../api/client';
import { keys } from '../api/keys';
import { useDeed } from '../api/own';
import { Confirm } from '../ui/Confirm';

/** Ends a delivery at once. */
export function EndDialog({ leaseId, onClose }: { leaseId: number; onClose: () => void }) {
  const end = useDeed(() => answer(exchange.POST('/v1/leases/{lease_id}/end', { params: { path: { lease_id: leaseId } }, body: {} })), [keys.deliveries, keys.leases]);
  return (
    <Confirm
      opened danger title="End this delivery now?" deed="End it now" working={end.isPending} failure={end.error} onClose={onClose} onConfirm={() => end.mutate(undefined, { onSuccess: onClose })}
    >
      What runs is stopped and everything of it is removed from the node. What is left of the lease is paid for all the same: to get something back, resell it first.
    </Confirm>
  );
}
