import type { RegisterSession } from './register-session.ts';

/** One that waits. */
export interface LastStatement {
  /** Sends it. What comes of that is only told to who sent it when it is delivered. */
  readonly run: (db: RegisterSession) => Promise<{ deliver(): void }>;
  /** It is never answered. */
  readonly lose: (err: Error) => void;
}

/** Statements that wait for the COMMIT with which they travel. */
export class LastStatements {
  /** What is sent through this waits. */
  readonly session: RegisterSession = {
    increment: async (id, by) => this.#add(async (db) => db.increment(id, by)),
    find: async (id) => this.#add(async (db) => db.find(id)),
    fail: async () => this.#add(async (db) => db.fail()),
  };
  readonly #waiting: LastStatement[] = [];

  /** Those that wait, in the order in which they were sent. They wait no longer. */
  take(): LastStatement[] {
    return this.#waiting.splice(0);
  }

  async #add<Answer>(send: (db: RegisterSession) => Promise<Answer>): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const run: LastStatement['run'] = async (db) => {
      const answer = send(db);
      await answer.catch(() => undefined);
      return { deliver: () => void answer.then(resolve, reject) };
    };
    this.#waiting.push({ run, lose: reject });
    return promise;
  }
}
