import type { Attempt, Entry, FinalEntry } from '../entry.ts';
import type {
  Applied,
  Entries,
  EntryStore,
  Fill,
  Intent,
  KeyedFill,
  KeyedLease,
  Lease,
  LeaseOutcome,
  Publication,
  Resolution,
  Swept,
  Untrusted,
} from '../entry-store.ts';
import { type Epoch, epochMark } from '../epoch.ts';
import type { StoreStep } from '../intercepted-store.ts';
import { type EntryRules, entryRules, type Settlement, type Slot } from './entry-rules.ts';

/**
 * An entry store in memory: the same steps as the scripts take, in TypeScript. Lives never end by
 * themselves; `evict`, `flush` and `restart` do to it what happens to a Redis.
 */
export class MemoryEntryStore implements EntryStore {
  readonly #rules: EntryRules;
  readonly #slots = new Map<string, Slot>();
  readonly #listeners: (() => void)[] = [];
  #mark: { number: number; text: string } | undefined;
  #identity: string | undefined = 'memory/0';
  #restarts = 0;

  constructor(rules: EntryRules = entryRules) {
    this.#rules = rules;
  }

  get identity(): string | undefined {
    return this.#identity;
  }

  readonly isUnfit = false;

  onIdentityChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Removes an entry, unless it is pending: that one has no life, so it is never evicted. */
  evict(epoch: Epoch, key: string): void {
    const name = nameOf(epoch, key);
    const slot = this.#slots.get(name);
    if (slot !== undefined && this.#rules.isMortal(slot)) this.#slots.delete(name);
  }

  /** Loses everything, the mark too, without anybody noticing. */
  flush(): void {
    this.#slots.clear();
    this.#mark = undefined;
  }

  /** Comes back as another instance: empty, or with the data of before. */
  restart(data: 'empty' | 'kept'): void {
    if (data === 'empty') this.flush();
    this.#restarts += 1;
    this.connect(`memory/${this.#restarts}`);
  }

  /** Another instance that holds what this one holds now, as a replica does that then lags. */
  replica(identity: string): MemoryEntryStore {
    const replica = new MemoryEntryStore(this.#rules);
    replica.failOver(this, identity);
    return replica;
  }

  /** Those who were connected find a replica in its place, under another identity. */
  failOver(replica: MemoryEntryStore, identity: string): void {
    this.flush();
    for (const [name, slot] of replica.#slots) this.#slots.set(name, slot);
    this.#mark = replica.#mark;
    this.connect(identity);
  }

  /** Cuts the store off, or brings it back under that identity. */
  connect(identity: string | undefined): void {
    this.#identity = identity;
    for (const listener of this.#listeners) listener();
  }

  async get(epoch: Epoch, keys: readonly string[]): Promise<Entries | Untrusted> {
    return (
      this.#refusal(epoch, 'get') ??
      new Map(keys.map((key) => [key, this.#rules.shown(this.#slots.get(nameOf(epoch, key)))]))
    );
  }

  async lease(epoch: Epoch, key: string, lease: Lease): Promise<Entry | Untrusted> {
    const refusal = this.#refusal(epoch, 'lease');
    if (refusal) return refusal;
    const name = nameOf(epoch, key);
    const slot = this.#rules.leased(this.#slots.get(name), lease);
    this.#slots.set(name, slot);
    return this.#rules.shown(slot);
  }

  async fill(epoch: Epoch, key: string, fill: Fill): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, 'fill', (slot) => this.#rules.filled(slot, fill));
  }

  async leaseMany(
    epoch: Epoch,
    leases: readonly KeyedLease[],
  ): Promise<LeaseOutcome[] | Untrusted> {
    const outcomes: LeaseOutcome[] = [];
    for (const { key, ...lease } of leases) {
      const entry = await this.lease(epoch, key, lease);
      if (entry.state === 'untrusted') return entry;
      if (entry.state === 'value') outcomes.push({ state: 'value', schema: entry.schema });
      else if (entry.state === 'none') outcomes.push({ state: 'none' });
      else if (entry.state !== 'lease' || entry.token !== lease.token)
        outcomes.push({ state: 'taken' });
      else outcomes.push({ state: 'leased' });
    }
    return outcomes;
  }

  async fillMany(epoch: Epoch, fills: readonly KeyedFill[]): Promise<Applied[] | Untrusted> {
    const outcomes: Applied[] = [];
    for (const { key, ...fill } of fills) {
      const outcome = await this.fill(epoch, key, fill);
      if (outcome.state === 'untrusted') return outcome;
      outcomes.push(outcome);
    }
    return outcomes;
  }

  async intend(epoch: Epoch, key: string, intent: Intent): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, 'intend', (slot) => {
      const next = this.#rules.intended(slot, intent);
      return typeof next === 'string' ? next : { ...next, intendedAtMs: performance.now() };
    });
  }

  async publish(epoch: Epoch, key: string, publication: Publication): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, 'publish', (slot) => this.#rules.published(slot, publication));
  }

  async abandon(epoch: Epoch, key: string, attempt: Attempt): Promise<Applied | Untrusted> {
    return this.publish(epoch, key, { attempt });
  }

  async resolve(epoch: Epoch, key: string, resolution: Resolution): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, 'resolve', (slot) => this.#rules.resolved(slot, resolution));
  }

  async extend(epoch: Epoch, key: string, entry: FinalEntry): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, 'extend', (slot) => this.#rules.extended(slot, entry));
  }

  async sweep(epoch: Epoch, ageMs: number): Promise<Swept | Untrusted> {
    const refusal = this.#refusal(epoch, 'sweep');
    if (refusal) return refusal;
    const nowMs = performance.now();
    const own = nameOf(epoch, '');
    const overdue: string[] = [];
    const keptSinceMs: number[] = [];
    for (const [name, { entry, intendedAtMs = 0 }] of this.#slots) {
      if (entry.state !== 'pending') continue;
      const isOverdue = intendedAtMs <= nowMs - ageMs;
      if (isOverdue && !name.startsWith(own)) this.#slots.delete(name);
      else keptSinceMs.push(intendedAtMs);
      if (isOverdue && name.startsWith(own)) overdue.push(name.slice(own.length));
    }
    const oldestMs = keptSinceMs.length === 0 ? undefined : nowMs - Math.min(...keptSinceMs);
    return { state: 'swept', pending: keptSinceMs.length, oldestMs, overdue };
  }

  async install(number: number, id: string): Promise<Epoch> {
    if (this.#identity === undefined) throw new Error('The store in memory is cut off.');
    const next = Math.max(number, this.#mark?.number ?? 0) + 1;
    const epoch = { number: next, id, storeIdentity: this.#identity };
    this.#mark = { number: next, text: epochMark(epoch) };
    return epoch;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#identity = undefined;
  }

  #refusal(epoch: Epoch, step: StoreStep): Untrusted | undefined {
    if (this.#identity === undefined) throw new Error('The store in memory is cut off.');
    if (!this.#rules.isGuarded(step)) return undefined;
    if (this.#identity !== epoch.storeIdentity) return { state: 'untrusted', reason: 'identity' };
    if (this.#mark?.text !== epochMark(epoch)) return { state: 'untrusted', reason: 'mark' };
    return undefined;
  }

  #change(
    epoch: Epoch,
    key: string,
    step: StoreStep,
    next: (slot: Slot | undefined) => Settlement,
  ): Applied | Untrusted {
    const refusal = this.#refusal(epoch, step);
    if (refusal) return refusal;
    const name = nameOf(epoch, key);
    const after = next(this.#slots.get(name));
    if (after === 'superseded') return { state: 'superseded' };
    if (after === 'absent') this.#slots.delete(name);
    else this.#slots.set(name, after);
    return { state: 'applied' };
  }
}

function nameOf(epoch: Epoch, key: string): string {
  return `${epochMark(epoch)}:${key}`;
}
