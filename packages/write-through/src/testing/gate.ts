/** Holds up whoever arrives, and tells that someone did. */
export class Gate {
  readonly #arrived = Promise.withResolvers<void>();
  readonly #opened = Promise.withResolvers<void>();

  /** Resolves when someone stands before the gate. */
  get arrived(): Promise<void> {
    return this.#arrived.promise;
  }

  async pass(): Promise<void> {
    this.#arrived.resolve();
    await this.#opened.promise;
  }

  open(): void {
    this.#opened.resolve();
  }
}
