import type { Attempt, Entry, FinalEntry } from '../entry.ts';
import type {
  Applied,
  EntryStore,
  Fill,
  Intent,
  Lease,
  Publication,
  Resolution,
  Swept,
  Untrusted,
} from '../entry-store.ts';
import { type Epoch, epochMark } from '../epoch.ts';

/** What one key holds: an entry, and behind a pending one the highest version published meanwhile. */
interface Slot {
  readonly entry: Exclude<Entry, { state: 'absent' | 'unreadable' }>;
  readonly best?: FinalEntry | undefined;
  /** When a pending entry was last intended. */
  readonly intendedAtMs?: number | undefined;
}

/**
 * An entry store in memory: the same steps as the scripts take, in TypeScript. Lives never end by
 * themselves; `evict`, `flush` and `restart` do to it what happens to a Redis.
 */
export class MemoryEntryStore implements EntryStore {
  readonly #slots = new Map<string, Slot>();
  readonly #listeners: (() => void)[] = [];
  #mark: { number: number; text: string } | undefined;
  #identity: string | undefined = 'memory/0';
  #restarts = 0;

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
    if (this.#slots.get(name)?.entry.state !== 'pending') this.#slots.delete(name);
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

  /** Cuts the store off, or brings it back under that identity. */
  connect(identity: string | undefined): void {
    this.#identity = identity;
    for (const listener of this.#listeners) listener();
  }

  async get(epoch: Epoch, keys: readonly string[]): Promise<Entry[] | Untrusted> {
    return this.#refusal(epoch) ?? keys.map((key) => shown(this.#slots.get(nameOf(epoch, key))));
  }

  async lease(epoch: Epoch, key: string, { token }: Lease): Promise<Entry | Untrusted> {
    const refusal = this.#refusal(epoch);
    if (refusal) return refusal;
    const name = nameOf(epoch, key);
    const slot = this.#slots.get(name) ?? { entry: { state: 'lease', token } };
    this.#slots.set(name, slot);
    return shown(slot);
  }

  async fill(epoch: Epoch, key: string, { token, entry }: Fill): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, (slot) =>
      slot?.entry.state === 'lease' && slot.entry.token === token ? { entry } : 'superseded',
    );
  }

  async intend(
    epoch: Epoch,
    key: string,
    { attempt, nonce }: Intent,
  ): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, (slot) => {
      const before = slot?.entry.state === 'pending' ? slot.entry.attempts : [];
      const attempts = [...before.filter((other) => !isSame(other, attempt)), attempt];
      const entry = { state: 'pending', nonce, attempts } as const;
      return { entry, best: slot?.best, intendedAtMs: performance.now() };
    });
  }

  async publish(
    epoch: Epoch,
    key: string,
    { attempt, entry }: Publication,
  ): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, (slot) => {
      if (slot?.entry.state !== 'pending') return 'superseded';
      if (!slot.entry.attempts.some((other) => isSame(other, attempt))) return 'superseded';
      return settled(slot, [attempt], entry);
    });
  }

  async abandon(epoch: Epoch, key: string, attempt: Attempt): Promise<Applied | Untrusted> {
    return this.publish(epoch, key, { attempt });
  }

  async resolve(epoch: Epoch, key: string, resolution: Resolution): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, (slot) => {
      if (slot?.entry.state !== 'pending' || slot.entry.nonce !== resolution.nonce) {
        return 'superseded';
      }
      if (resolution.type === 'part') return settled(slot, resolution.attempts, resolution.entry);
      return resolution.entry === undefined ? 'absent' : { entry: resolution.entry };
    });
  }

  async extend(epoch: Epoch, key: string, entry: FinalEntry): Promise<Applied | Untrusted> {
    return this.#change(epoch, key, (slot) => {
      const found = slot?.entry;
      if (found === undefined || found.state !== entry.state) return 'superseded';
      if (!('version' in found) || found.version !== entry.version) return 'superseded';
      if (found.state === 'value' && entry.state === 'value' && found.schema !== entry.schema) {
        return 'superseded';
      }
      return { entry: { ...found, lifeMs: entry.lifeMs, expiresAtMs: entry.expiresAtMs } };
    });
  }

  async sweep(epoch: Epoch, ageMs: number): Promise<Swept | Untrusted> {
    const refusal = this.#refusal(epoch);
    if (refusal) return refusal;
    const untilMs = performance.now() - ageMs;
    const own = nameOf(epoch, '');
    const overdue: string[] = [];
    let pending = 0;
    for (const [name, { entry, intendedAtMs = 0 }] of this.#slots) {
      if (entry.state !== 'pending') continue;
      const isOverdue = intendedAtMs <= untilMs;
      if (isOverdue && !name.startsWith(own)) this.#slots.delete(name);
      else pending += 1;
      if (isOverdue && name.startsWith(own)) overdue.push(name.slice(own.length));
    }
    return { state: 'swept', pending, overdue };
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

  #refusal(epoch: Epoch): Untrusted | undefined {
    if (this.#identity === undefined) throw new Error('The store in memory is cut off.');
    if (this.#identity !== epoch.storeIdentity) return { state: 'untrusted', reason: 'identity' };
    if (this.#mark?.text !== epochMark(epoch)) return { state: 'untrusted', reason: 'mark' };
    return undefined;
  }

  #change(
    epoch: Epoch,
    key: string,
    next: (slot: Slot | undefined) => Slot | 'superseded' | 'absent',
  ): Applied | Untrusted {
    const refusal = this.#refusal(epoch);
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

/** A pending entry tells the version behind it, and nothing else of what was published. */
function shown(slot: Slot | undefined): Entry {
  if (slot === undefined) return { state: 'absent' };
  const { entry, best } = slot;
  return entry.state === 'pending' ? { ...entry, bestVersion: best?.version } : entry;
}

function isSame(one: Attempt, other: Attempt): boolean {
  return one.xid === other.xid && one.token === other.token;
}

function higher(
  best: FinalEntry | undefined,
  offered: FinalEntry | undefined,
): FinalEntry | undefined {
  if (best === undefined || offered === undefined) return best ?? offered;
  return offered.version > best.version ? offered : best;
}

/** The pending entry without those attempts; once there is none left, the best that was published. */
function settled(
  { entry, best: before, intendedAtMs }: Slot,
  ended: readonly Attempt[],
  offered: FinalEntry | undefined,
): Slot | 'absent' {
  const best = higher(before, offered);
  const pending = entry.state === 'pending' ? entry.attempts : [];
  const attempts = pending.filter((attempt) => !ended.some((one) => isSame(one, attempt)));
  if (attempts.length > 0 && entry.state === 'pending') {
    return { entry: { ...entry, attempts }, best, intendedAtMs };
  }
  return best === undefined ? 'absent' : { entry: best };
}
