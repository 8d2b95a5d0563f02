import { Button, Checkbox } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useLog } from '../api/log';
import { Panel } from '../ui/Panel';
import { Message } from '../ui/states';
import ui from '../ui/ui.module.css';
import { download } from '../words/bytes';

/** What the workload printed, followed as it comes. */
export function LogPanel({ leaseId, className }: { leaseId: number; className: string | undefined }) {
  const log = useLog(leaseId);
  const [following, setFollowing] = useState(true);
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (following && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [following, log.text]);
  return (
    <Panel
      title="Log" note={log.complete ? 'complete' : log.read ? 'asked for every 2 s' : undefined} className={className} flush
      tools={
        <>
          <Checkbox label="Follow" size="xs" checked={following} onChange={(event) => setFollowing(event.currentTarget.checked)} />
          <Button variant="default" size="compact-xs" disabled={!log.text} onClick={() => download(`lease-${leaseId}.log`, new TextEncoder().encode(log.text), 'text/plain')}>
            Download
          </Button>
        </>
      }
    >
      {log.trouble ? <Message tone="warn">{log.trouble}</Message> : null}
      {/* A scrolling region must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre ref={box} className={ui.log} tabIndex={0} aria-label={`Log of lease ${leaseId}`}>
        {log.cut ? '… the beginning is not kept on this page\n' : ''}
        {log.text || (log.read ? 'Nothing was printed yet.' : '')}
      </pre>
    </Panel>
  );
}
