import { useEffect, useSyncExternalStore } from 'react';
import type { Depth, StreamMarketDataResponse } from '../api/types';
import { correctClock } from './clock';

/** How the page hears the market: not yet, in time, too quiet, not at all, or put to rest because nobody looks. */
export type Connection = 'connecting' | 'live' | 'stale' | 'disconnected' | 'resting';

/** Which depth is followed: none without a market; without a slot the next one that can be traded. */
export type Topic = { market: string; slot: string };

const quietMilliseconds = 12_000;
const restAfterMilliseconds = 60_000;

/**
 * The one live connection of this page. Depth comes whole with each change, so only the newest is kept and shown with
 * the next frame: a page that draws slower than the market moves skips, and never falls behind.
 */
class Feed {
  #source: EventSource | null = null;
  #topic: Topic = { market: '', slot: '' };
  #connection: Connection = 'connecting';
  #depth: Depth | null = null;
  #heard = 0;
  #heardAt: number | null = null;
  #frame = 0;
  #retry = 0;
  #retries = 0;
  #missed = false;
  #hiddenSince = 0;
  readonly #listeners = new Set<() => void>();
  readonly #hearers = new Set<(update: StreamMarketDataResponse) => void>();
  readonly #catchers = new Set<() => void>();

  start(): void {
    this.#open();
    window.setInterval(() => this.#watch(), 1_000);
    document.addEventListener('visibilitychange', () => {
      this.#hiddenSince = document.hidden ? performance.now() : 0;
      if (!document.hidden && this.#connection === 'resting') this.#open();
    });
  }

  /** Follows another depth; the same topic again changes nothing. */
  follow(topic: Topic): void {
    if (topic.market === this.#topic.market && topic.slot === this.#topic.slot) return;
    this.#topic = topic;
    this.#depth = null;
    this.#open();
    this.#tell();
  }

  /** Opens the connection anew, for example after someone signed in. */
  reopen(): void {
    this.#open();
  }

  get connection(): Connection {
    return this.#connection;
  }

  get depth(): Depth | null {
    return this.#depth;
  }

  /** When something was last heard, by this machine's clock; null before. */
  get heardAt(): number | null {
    return this.#heardAt;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Hears every update as it comes. */
  onUpdate(hearer: (update: StreamMarketDataResponse) => void): () => void {
    this.#hearers.add(hearer);
    return () => this.#hearers.delete(hearer);
  }

  /** Told when the connection is back after updates may have been missed. */
  onCatchUp(catcher: () => void): () => void {
    this.#catchers.add(catcher);
    return () => this.#catchers.delete(catcher);
  }

  #open(): void {
    window.clearTimeout(this.#retry);
    this.#source?.close();
    const query = new URLSearchParams();
    if (this.#topic.market) query.set('market', this.#topic.market);
    if (this.#topic.slot) query.set('slot_time', this.#topic.slot);
    const asked = query.toString();
    const source = new EventSource(`/v1/market-data${asked ? `?${asked}` : ''}`);
    this.#source = source;
    if (this.#connection === 'resting') this.#become('connecting');
    source.onmessage = (message: MessageEvent<string>) => {
      if (source === this.#source) this.#hear(message.data);
    };
    source.onerror = () => {
      if (source !== this.#source) return;
      this.#missed = true;
      this.#become('disconnected');
      // The browser asks again by itself after a cut; after a refusal it does not.
      if (source.readyState === EventSource.CLOSED) {
        this.#retries++;
        this.#retry = window.setTimeout(() => this.#open(), Math.min(15_000, 1_000 * 2 ** this.#retries));
      }
    };
  }

  #hear(data: string): void {
    let update: StreamMarketDataResponse;
    try {
      update = JSON.parse(data) as StreamMarketDataResponse;
    } catch {
      return;
    }
    this.#heard = performance.now();
    this.#heardAt = Date.now();
    this.#retries = 0;
    if (update.clock_time) correctClock(Date.parse(update.clock_time));
    if (update.depth) {
      this.#depth = update.depth;
      this.#draw();
    }
    for (const hear of this.#hearers) hear(update);
    if (this.#connection !== 'live') {
      this.#become('live');
      if (this.#missed) for (const catchUp of this.#catchers) catchUp();
      this.#missed = false;
    }
  }

  #watch(): void {
    if (this.#hiddenSince && performance.now() - this.#hiddenSince > restAfterMilliseconds && this.#connection !== 'resting') {
      // A browser gives one address few connections for all its tabs: one that nobody sees gives its own back.
      this.#source?.close();
      window.clearTimeout(this.#retry);
      this.#missed = true;
      this.#become('resting');
    } else if (this.#connection === 'live' && performance.now() - this.#heard > quietMilliseconds) {
      this.#missed = true;
      this.#become('stale');
    }
  }

  #become(connection: Connection): void {
    if (this.#connection === connection) return;
    this.#connection = connection;
    this.#tell();
  }

  #draw(): void {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#tell();
    });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

export const feed = new Feed();

export const useConnection = (): Connection => useSyncExternalStore(feed.subscribe, () => feed.connection);

/** The newest depth of the market and slot on screen; null until it has come. */
export function useDepth(market: string, slot: string): Depth | null {
  useEffect(() => {
    feed.follow({ market, slot });
  }, [market, slot]);
  useEffect(() => () => feed.follow({ market: '', slot: '' }), []);
  return useSyncExternalStore(feed.subscribe, () => feed.depth);
}
