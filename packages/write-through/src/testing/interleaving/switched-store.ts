import type { EntryStore } from '../../entry-store.ts';
import { interceptedStore, type Interception } from '../../intercepted-store.ts';
import type { MemoryEntryStore } from '../memory-entry-store.ts';

/** The store as one process sees it: the instance it is connected to now, which may be another one later. */
export class SwitchedStore {
  readonly #intercept: Interception;
  readonly #listeners: (() => void)[] = [];
  readonly #heard = new Set<MemoryEntryStore>();
  #instance: MemoryEntryStore | undefined;

  constructor(intercept: Interception) {
    this.#intercept = intercept;
  }

  get instance(): MemoryEntryStore | undefined {
    return this.#instance;
  }

  /** What is sent from now on goes to that instance, or nowhere; what was sent before still arrives. */
  connect(instance: MemoryEntryStore | undefined): void {
    this.#instance = instance;
    if (instance !== undefined && !this.#heard.has(instance)) {
      this.#heard.add(instance);
      instance.onIdentityChange(() => this.#notify());
    }
    this.#notify();
  }

  /** Itself as a port. */
  asEntryStore(): EntryStore {
    const step = async <Result>(send: (store: EntryStore) => Promise<Result>): Promise<Result> => {
      if (this.#instance === undefined) throw new Error('The store cannot be reached.');
      return send(interceptedStore(this.#instance, this.#intercept));
    };
    const identity = () => this.#instance?.identity;
    return {
      get identity() {
        return identity();
      },
      isUnfit: false,
      onIdentityChange: (listener) => void this.#listeners.push(listener),
      get: async (epoch, keys) => step(async (store) => store.get(epoch, keys)),
      lease: async (...args) => step(async (store) => store.lease(...args)),
      fill: async (...args) => step(async (store) => store.fill(...args)),
      leaseMany: async (...args) => step(async (store) => store.leaseMany(...args)),
      fillMany: async (...args) => step(async (store) => store.fillMany(...args)),
      intend: async (...args) => step(async (store) => store.intend(...args)),
      publish: async (...args) => step(async (store) => store.publish(...args)),
      abandon: async (...args) => step(async (store) => store.abandon(...args)),
      resolve: async (...args) => step(async (store) => store.resolve(...args)),
      extend: async (...args) => step(async (store) => store.extend(...args)),
      sweep: async (...args) => step(async (store) => store.sweep(...args)),
      install: async (...args) => step(async (store) => store.install(...args)),
      [Symbol.asyncDispose]: async () => undefined,
    };
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
