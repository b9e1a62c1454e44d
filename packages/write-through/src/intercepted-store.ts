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

/** Runs in place of a step: may hold it up, fail before or after it was sent, or both. */
export type Interception = (step: StoreStep, send: () => Promise<unknown>) => Promise<unknown>;

/** The same store, with every step in the hands of the interception, or with those that are named. */
export function interceptedStore(
  store: EntryStore,
  intercept: Interception,
  steps: readonly StoreStep[] = storeSteps,
): EntryStore {
  const members = new Map<PropertyKey, unknown>();
  return new Proxy(store, {
    get(target, property) {
      if (members.has(property)) return members.get(property);
      const member: unknown = Reflect.get(target, property, target);
      // A getter may answer differently the next time.
      if (typeof member !== 'function') return member;
      const step = steps.find((name) => name === property);
      const handed =
        step === undefined
          ? (member.bind(target) as unknown)
          : async (...args: unknown[]): Promise<unknown> =>
              intercept(step, async () => Reflect.apply(member, target, args) as unknown);
      members.set(property, handed);
      return handed;
    },
  });
}
