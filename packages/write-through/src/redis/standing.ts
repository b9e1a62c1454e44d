/** Nobody has answered yet: no news for anyone. */
export const unasked = 'Redis was not yet asked who it is.';

/** Who answers and may be used, or why nobody may; tells those who listen of every change. */
export class Standing {
  readonly #listeners: (() => void)[] = [];
  #identity: string | undefined;
  #problem: string | undefined = unasked;

  get identity(): string | undefined {
    return this.#identity;
  }

  /** Why `identity` is undefined, for a person. */
  get problem(): string | undefined {
    return this.#problem;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  set(identity: string | undefined, problem: string | undefined): void {
    const isNews =
      identity !== this.#identity || (problem !== this.#problem && problem !== unasked);
    this.#identity = identity;
    this.#problem = problem;
    if (isNews) for (const listener of this.#listeners) listener();
  }

  /** Nobody is told of a loss that is meant. */
  close(): void {
    this.#listeners.length = 0;
  }
}
