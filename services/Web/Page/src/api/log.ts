import { useEffect, useState } from 'react';
import { answer, exchange } from './client';
import { asProblem } from './problem';
import { noLog, withMore, type LogSoFar } from '../words/log';


const pauseMilliseconds = 2_000;

/** Reads a delivery's log to its end and follows it until nothing more will come. */
export function useLog(leaseId: number): LogSoFar {
  const [log, setLog] = useState(noLog);
  useEffect(() => {
    let gone = false;
    let timer = 0;
    const read = async (offset: number): Promise<void> => {
      try {
        const part = await answer(exchange.GET('/v1/leases/{lease_id}/log', { params: { path: { lease_id: leaseId }, query: { offset } } }));
        if (gone) return;
        setLog((before) => withMore(offset === 0 ? noLog : before, part.text, part.complete));
        if (part.complete && part.next_offset === offset) return;
        // While there is more it is asked for at once; at the end, after a pause.
        timer = window.setTimeout(() => void read(part.next_offset), part.next_offset > offset ? 50 : pauseMilliseconds);
      } catch (failure) {
        const problem = asProblem(failure);
        setLog((before) => ({ ...before, trouble: problem.message, read: true }));
        timer = window.setTimeout(() => void read(offset), problem.isPassing || problem.status === 404 ? 5_000 : 30_000);
      }
    };
    void read(0);
    return () => {
      gone = true;
      window.clearTimeout(timer);
    };
  }, [leaseId]);
  return log;
}
