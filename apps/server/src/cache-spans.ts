import { currentSpan, type OpenSpan, type SpanReference, withSpan } from '@throughline/telemetry';
import {
  type CacheObserver,
  type EntryOutcome,
  type EntryStore,
  type Flight,
  type Instrument,
  interceptedStore,
  type Interception,
  type LoadCause,
  type StoreStep,
} from '@throughline/write-through';

/** `get` is no more than its MGET, and what runs in the background is nobody's. */
const spannedSteps = [
  'lease',
  'fill',
  'intend',
  'publish',
  'abandon',
  'resolve',
  'extend',
] as const satisfies readonly StoreStep[];

/** The same store, with each step in a span that is named after it, as docs/consistency.md names them. */
export function spannedStore(store: EntryStore): EntryStore {
  return interceptedStore(store, spannedStep, spannedSteps);
}

const spannedStep: Interception = async (step, send) =>
  withSpan(step.toUpperCase(), {}, async (span) => {
    const reply = await send();
    if (span !== undefined && isState(reply)) span.set({ 'cache.step.outcome': reply.state });
    return reply;
  });

function isState(reply: unknown): reply is { state: string } {
  return (
    typeof reply === 'object' &&
    reply !== null &&
    'state' in reply &&
    typeof reply.state === 'string'
  );
}

/** What is known of a flight that others may board before it takes off. */
interface BoardingPass {
  flight?: SpanReference;
  readonly joined: OpenSpan[];
}

/** Of the entries that answered within one span. */
interface Answers {
  count: number;
  lastVersion: number;
  oldestMs: number;
}

/** Runs operations and flights in spans, which tell how the cache took part. No key is ever told. */
export class CacheSpans implements Pick<
  CacheObserver,
  'answered' | 'joined' | 'flown' | 'loaded' | 'written'
> {
  readonly #passes = new WeakMap<Flight, BoardingPass>();
  /** Of the operations and flights that are under way. */
  readonly #answers = new Map<OpenSpan, Answers>();

  readonly instrument: Instrument = async (operation, run) =>
    withSpan(`cache.${operation.kind}`, { 'cache.operation': operation.name }, async (span) => {
      if (span === undefined) return run();
      const result = await this.#withAnswers(span, run);
      span.set({ 'cache.outcome': result.outcome });
      return result;
    });

  answered(_: string, ageMs: number, version: number): void {
    const span = currentSpan();
    const answers = span && this.#answers.get(span);
    if (answers === undefined) return;
    answers.count += 1;
    answers.lastVersion = version;
    answers.oldestMs = Math.max(answers.oldestMs, ageMs);
  }

  joined(flight: Flight): void {
    const read = currentSpan();
    if (read === undefined) return;
    read.set({ 'cache.flight': 'joined' });
    const pass = this.#passOf(flight);
    if (pass.flight === undefined) pass.joined.push(read);
    else read.link(pass.flight);
  }

  async flown<Result>(flight: Flight, fly: () => Promise<Result>): Promise<Result> {
    return withSpan('cache.load', { 'cache.namespace': flight.namespace }, async (span) => {
      if (span === undefined) return fly();
      const pass = this.#passOf(flight);
      pass.flight = span.reference;
      for (const read of pass.joined.splice(0)) read.link(pass.flight);
      return this.#withAnswers(span, fly);
    });
  }

  loaded(cause: LoadCause, version?: number): void {
    currentSpan()?.set({ 'cache.load.cause': cause, ...versionOf(version) });
  }

  written(_: string, __: EntryOutcome, version?: number): void {
    currentSpan()?.set(versionOf(version));
  }

  #passOf(flight: Flight): BoardingPass {
    const pass = this.#passes.get(flight) ?? { joined: [] };
    this.#passes.set(flight, pass);
    return pass;
  }

  /** Tells in the span, where the work succeeds, which entries answered within it. */
  async #withAnswers<Result>(span: OpenSpan, work: () => Promise<Result>): Promise<Result> {
    const answers: Answers = { count: 0, lastVersion: 0, oldestMs: 0 };
    this.#answers.set(span, answers);
    try {
      const result = await work();
      if (answers.count > 0) tellAnswers(span, answers);
      return result;
    } finally {
      this.#answers.delete(span);
    }
  }
}

function tellAnswers(span: OpenSpan, { count, lastVersion, oldestMs }: Answers): void {
  span.set({
    'cache.entries': count,
    'cache.entry.age_ms': Math.round(oldestMs),
    ...(count === 1 ? versionOf(lastVersion) : {}),
  });
}

/** Lists have no versions that mean something to a person. */
function versionOf(version = 0): { 'cache.entry.version'?: number } {
  return version === 0 ? {} : { 'cache.entry.version': version };
}

/** One observer of two, of which the spans are told first what both want to know. */
export function composeObservers(spans: CacheSpans, metrics: CacheObserver): CacheObserver {
  return {
    asked: (key) => metrics.asked(key),
    read: (namespace, outcome) => metrics.read(namespace, outcome),
    answered: (namespace, ageMs, version) => {
      spans.answered(namespace, ageMs, version);
      metrics.answered(namespace, ageMs, version);
    },
    missed: (...told) => metrics.missed(...told),
    joined: (flight) => {
      spans.joined(flight);
      metrics.joined(flight);
    },
    flown: async (flight, fly) => spans.flown(flight, async () => metrics.flown(flight, fly)),
    loaded: (...told) => {
      spans.loaded(...told);
      metrics.loaded(...told);
    },
    stored: (...told) => metrics.stored(...told),
    written: (...told) => {
      spans.written(...told);
      metrics.written(...told);
    },
    visible: (...told) => metrics.visible(...told),
    rejected: () => metrics.rejected(),
    resolved: (by) => metrics.resolved(by),
  };
}
