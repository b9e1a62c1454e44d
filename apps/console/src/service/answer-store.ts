import { hashKey } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { Answer } from '@throughline/client';

/** The latest answer to each call, by path and input: where it came from, how long it took, its trace. */
class AnswerStore {
  readonly #answers = new Map<string, Answer>();
  readonly #listeners = new Set<() => void>();

  readonly note = (answer: Answer): void => {
    const key = keyOf(answer.path, answer.input);
    // Reinserted, so that the map stays in the order of the answers, and the oldest are forgotten.
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > answersMax && oldest !== undefined) this.#answers.delete(oldest);
    for (const listener of this.#listeners) listener();
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  find(path: string, input: unknown): Answer | undefined {
    return this.#answers.get(keyOf(path, input));
  }
}

export const answerStore = new AnswerStore();

/** The latest answer to a call with this input; undefined before there is one. */
export function useAnswer(path: string, input?: unknown): Answer | undefined {
  return useSyncExternalStore(answerStore.subscribe, () => answerStore.find(path, input));
}

/** More than one page ever shows at once. */
const answersMax = 200;

function keyOf(path: string, input: unknown): string {
  return hashKey([path, input]);
}
