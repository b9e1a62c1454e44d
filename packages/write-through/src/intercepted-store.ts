import type { EntryStore } from './entry-store.ts';

export const storeSteps = [
  'get',
  'lease',
  'fill',
  'leaseMany',
  'fillMany',
  'intend',
  'publish',
  'abandon',
  'resolve',
  'extend',
  'sweep',
  'install',
] as const;

export type StoreStep = (typeof storeSteps)[number];

/**
 * Runs in place of a step: may hold it up, fail before or after it was sent, or both. What it returns is the answer: if that is
 * the promise of the store itself, whoever shares it goes on to share it.
 */
export type Interception = (step: StoreStep, send: () => Promise<unknown>) => Promise<unknown>;

/** The same store, with every step in the hands of the interception, or with those that are named. */
export function interceptedStore(
  store: EntryStore,
  intercept: Interception,
  steps: readonly StoreStep[] = storeSteps,
): EntryStore {
  const handed: Pick<EntryStore, StoreStep> = Object.create(null);
  for (const step of storeSteps) {
    const send = (...args: unknown[]): Promise<unknown> => Reflect.apply(store[step], store, args);
    const inHands = (...args: unknown[]) => intercept(step, () => send(...args));
    Reflect.set(handed, step, steps.includes(step) ? inHands : send);
  }
  return {
    ...handed,
    get identity() {
      return store.identity;
    },
    get isUnfit() {
      return store.isUnfit;
    },
    onIdentityChange: (listener) => store.onIdentityChange(listener),
    [Symbol.asyncDispose]: async () => store[Symbol.asyncDispose](),
  };
}
