import type { Step } from './explore.ts';
import { intended, send } from './messages.ts';
import {
  absent,
  attemptOf,
  homeOf,
  type ModelState,
  replaceAt,
  type WriterState,
} from './model-state.ts';
import type { Protocol } from './protocol.ts';

/** Every step that some writer can take. */
export function writerSteps(state: ModelState, protocol: Protocol): Step<ModelState>[] {
  return state.writers.flatMap((writer, index) =>
    // The last one is the drain.
    protocol.outside !== undefined && index === state.writers.length - 1
      ? []
      : new WriterTurn({ state, protocol, index, writer }).steps(),
  );
}

export interface WriterTurnParts {
  readonly state: ModelState;
  readonly protocol: Protocol;
  readonly index: number;
  readonly writer: WriterState;
}

/** What one writer can do next. */
export class WriterTurn {
  readonly parts: WriterTurnParts;

  constructor(parts: WriterTurnParts) {
    this.parts = parts;
  }

  steps(): Step<ModelState>[] {
    const { writer, protocol } = this.parts;
    switch (writer.at) {
      case 'idle':
        return protocol.intendsBeforeLock === true ? this.begin() : this.#lock('locked');
      case 'begun':
        return this.intend('waiting');
      case 'waiting':
        if (protocol.isCoarse === true) return this.#updateAndCommitOrNot();
        return [...this.#lock('ready'), ...this.crash('crashes before its UPDATE')];
      case 'locked':
        return this.#afterLock();
      case 'ready':
        return this.#commitOrNot();
      case 'committed':
        return this.#finish();
      case 'acknowledged':
      case 'dead':
        return [];
    }
  }

  /** The lock shared, then the row: in `draining` it rolls back, which leaves nothing behind. */
  begin(): Step<ModelState>[] {
    const { epoch } = this.parts.state;
    if (this.#isBarred) return [];
    if (epoch.state === 'bypass') {
      return [this.step('begins in bypass', { at: 'waiting', transaction: 'open', epoch: -1 })];
    }
    const { number } = epoch;
    const { protocol, writer } = this.parts;
    if (protocol.isCoarse === true && protocol.hasEpochs !== true) {
      const begun = { ...writer, at: 'begun', transaction: 'open', epoch: number } as const;
      return new WriterTurn({ ...this.parts, writer: begun }).intend('waiting');
    }
    return [this.step('begins', { at: 'begun', transaction: 'open', epoch: number })];
  }

  get #isBarred(): boolean {
    const { state, protocol } = this.parts;
    return (
      protocol.hasEpochs === true && (state.epoch.state === 'draining' || state.epoch.isLocked)
    );
  }

  #lock(at: 'locked' | 'ready'): Step<ModelState>[] {
    const { state, protocol, index, writer } = this.parts;
    if (state.rowLock !== -1 || (at === 'locked' && this.#isBarred)) return [];
    // Only SET shows a version that may be rolled back: there, each writer has one of its own.
    const known = protocol.writes === 'set' ? state.writers.map(({ version }) => version) : [];
    const version = Math.max(state.committed, ...known) + 1;
    const epoch = state.epoch.state === 'bypass' ? -1 : state.epoch.number;
    const begun =
      at === 'locked' ? ({ transaction: 'open', epoch } as const) : { epoch: writer.epoch };
    return [this.step(`updates to v${version}`, { at, version, ...begun }, { rowLock: index })];
  }

  #afterLock(): Step<ModelState>[] {
    const { state, protocol, writer } = this.parts;
    const { version } = writer;
    switch (protocol.writes) {
      case 'set': {
        const primary = { ...state.primary, entry: { is: 'value', version } as const };
        return [this.step(`SETs v${version}`, { at: 'ready' }, { primary })];
      }
      case 'delete':
      case 'lease':
        return [this.step('is ready', { at: 'ready' })];
      case 'intend':
        return writer.epoch === -1
          ? [this.step('writes past the cache', { at: 'ready' })]
          : this.intend('ready');
    }
  }

  /** INTEND was acknowledged, or it was not and the transaction is rolled back. */
  intend(at: WriterState['at']): Step<ModelState>[] {
    const { state, protocol, index, writer } = this.parts;
    const { epoch } = writer;
    const steps: Step<ModelState>[] = [];
    const attempt = attemptOf(index, 0);
    const first = { do: 'intend', attempt, epoch } as const;
    for (const home of this.#homes()) {
      const instance = state[home];
      if (instance === null || (protocol.hasEpochs === true && instance.mark !== epoch)) continue;
      const pend = (sent: number, label: string, messages = state.messages): void => {
        const entry = intended(instance.entry, sent, protocol);
        const patch = { [home]: { ...instance, entry }, messages };
        steps.push(this.step(label, { at, attempt: sent }, patch));
      };
      pend(attempt, 'INTENDs');
      if (protocol.retries !== undefined) {
        const again = protocol.retries === 'own tokens' ? attemptOf(index, 1) : attempt;
        pend(again, 'INTENDs again, the first still on its way', send(state, first));
      }
    }
    const dead = { at: 'dead', transaction: 'aborted', version: 0 } as const;
    const unlocked = state.rowLock === index ? { rowLock: -1 } : {};
    const label = 'gives INTEND up and rolls back';
    steps.push(this.step(label, dead, { ...unlocked, messages: send(state, first) }));
    return steps;
  }

  #homes(): ('primary' | 'oldPrimary')[] {
    const { state, protocol, writer } = this.parts;
    if (protocol.hasEpochs !== true) return ['primary'];
    if (protocol.ignoresIdentity === true) return ['primary', 'oldPrimary'];
    return [homeOf(state, writer.epoch)];
  }

  #updateAndCommitOrNot(): Step<ModelState>[] {
    const { state, writer } = this.parts;
    const version = state.committed + 1;
    const ready = new WriterTurn({ ...this.parts, writer: { ...writer, version } });
    const done = { at: 'acknowledged', transaction: 'committed', version: 0 } as const;
    const messages = writer.epoch === -1 ? state.messages : ready.publish(version);
    const floor = Math.max(state.floor, version);
    const label = `COMMITs v${version}, PUBLISHes it, acknowledges`;
    return [this.step(label, done, { committed: version, floor, messages }), ready.#rollBack()];
  }

  #commitOrNot(): Step<ModelState>[] {
    const { protocol, writer } = this.parts;
    const { version } = writer;
    const committed = { at: 'committed', transaction: 'committed' } as const;
    const steps = [
      this.step(`COMMITs v${version}`, committed, { committed: version, rowLock: -1 }),
      ...this.crash('crashes before COMMIT'),
    ];
    if (protocol.writes === 'intend') steps.push(this.#rollBack());
    return steps;
  }

  #rollBack(): Step<ModelState> {
    const { state, writer, index } = this.parts;
    const { attempt, epoch } = writer;
    const abandon = { do: 'publish', attempt, version: 0, send: 1, epoch } as const;
    const messages = epoch === -1 ? state.messages : send(state, abandon);
    const rowLock = state.rowLock === index ? -1 : state.rowLock;
    const dead = { at: 'dead', transaction: 'aborted', version: 0 } as const;
    return this.step('ABANDONs and rolls back', dead, { rowLock, messages });
  }

  #finish(): Step<ModelState>[] {
    const { state, protocol, writer } = this.parts;
    const floor = Math.max(state.floor, writer.version);
    const crash = this.crash('crashes after COMMIT');
    // A version is kept only where the next one is drawn from it.
    const acknowledged = {
      at: 'acknowledged',
      version: protocol.writes === 'set' ? writer.version : 0,
    } as const;
    switch (protocol.writes) {
      case 'set':
        return [this.step('acknowledges', acknowledged, { floor })];
      case 'delete':
      case 'lease': {
        const primary = { ...state.primary, entry: absent };
        return [this.step('DELs, acknowledges', acknowledged, { primary, floor }), ...crash];
      }
      case 'intend': {
        if (writer.epoch === -1) return [this.step('acknowledges', acknowledged, { floor })];
        const messages = this.publish(writer.version);
        const label = `PUBLISHes v${writer.version}, acknowledges`;
        return [this.step(label, acknowledged, { floor, messages }), ...crash];
      }
    }
  }

  publish(version: number): ModelState['messages'] {
    const { state, protocol, writer } = this.parts;
    const { attempt, epoch } = writer;
    const publish = { do: 'publish', attempt, version, send: 1, epoch } as const;
    const again = { ...publish, send: 2 } as const;
    return send(state, publish, ...(protocol.retries === undefined ? [] : [again]));
  }

  crash(label: string): Step<ModelState>[] {
    const { state, protocol, writer, index } = this.parts;
    const { faultsLeft, rowLock } = state;
    if (faultsLeft.crashes === 0) return [];
    const left = { faultsLeft: { ...faultsLeft, crashes: faultsLeft.crashes - 1 } };
    const version = protocol.writes === 'set' ? writer.version : 0;
    const transaction = writer.transaction === 'committed' ? 'committed' : 'aborted';
    const unlocked = rowLock === index ? { rowLock: -1 } : {};
    return [this.step(label, { at: 'dead', version, transaction }, { ...unlocked, ...left })];
  }

  step(
    label: string,
    writer: Partial<WriterState>,
    patch: Partial<ModelState> = {},
    name = 'writer',
  ): Step<ModelState> {
    const { state, index, writer: before } = this.parts;
    const writers = replaceAt(state.writers, index, { ...before, ...writer });
    return { label: `${name} ${index} ${label}`, state: { ...state, ...patch, writers } };
  }
}
