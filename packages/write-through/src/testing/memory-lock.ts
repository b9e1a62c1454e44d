export type LockMode = 'shared' | 'exclusive';

interface Request {
  readonly owner: object;
  readonly mode: LockMode;
  readonly grant: () => void;
  readonly refuse: (err: Error) => void;
}

/** A lock as PostgreSQL keeps it: first come, first served, so a waiting exclusive request holds up shared ones. */
export class MemoryLock {
  readonly #held = new Map<object, LockMode>();
  #waiting: Request[] = [];

  /** Returns at once for an owner that holds it. Throws if the owner lets go while it waits. */
  async acquire(owner: object, mode: LockMode): Promise<void> {
    if (this.#held.has(owner)) return;
    await new Promise<void>((grant, refuse) => {
      this.#waiting.push({ owner, mode, grant, refuse });
      this.#serve();
    });
  }

  /** Lets go, and gives up waiting. */
  release(owner: object): void {
    this.#held.delete(owner);
    const left = this.#waiting.filter((request) => request.owner === owner);
    this.#waiting = this.#waiting.filter((request) => request.owner !== owner);
    for (const { refuse } of left) refuse(new Error('The wait for the lock was given up.'));
    this.#serve();
  }

  #serve(): void {
    for (;;) {
      const [next] = this.#waiting;
      const isFree =
        this.#held.size === 0 ||
        (next?.mode === 'shared' && ![...this.#held.values()].includes('exclusive'));
      if (next === undefined || !isFree) return;
      this.#waiting.shift();
      this.#held.set(next.owner, next.mode);
      next.grant();
    }
  }
}
