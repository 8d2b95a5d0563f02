import type { Lease } from '../api/types';

/** What was sold and delivered of a lease, in GPU-seconds, and how much of it was metered so far. */
export function deliveryOf(lease: Lease) {
  let sold = 0;
  let metered = 0;
  let delivered = 0;
  for (const meter of lease.meters) {
    sold += meter.sold_gpu_seconds;
    if (!meter.metered) continue;
    metered += meter.sold_gpu_seconds;
    delivered += meter.delivered_gpu_seconds;
  }
  return { sold, metered, delivered, missing: metered - delivered };
}
