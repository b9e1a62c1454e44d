import type { Step } from './explore.ts';
import { homeOf, type ModelState } from './model-state.ts';
import { WriterTurn } from './writer-steps.ts';
import type { Protocol } from './protocol.ts';

/**
 * Every step around a write from outside, which changes the row, leaves a line in the outbox and says nothing to
 * the cache. The drain is an ordinary write that changes no row: INTEND, a look at the row, COMMIT, PUBLISH.
 */
export function drainSteps(state: ModelState, protocol: Protocol): Step<ModelState>[] {
  const index = state.writers.length - 1;
  const writer = state.writers[index];
  if (protocol.outside === undefined || writer === undefined) return [];
  return new DrainTurn({ state, protocol, index, writer }).steps();
}

class DrainTurn extends WriterTurn {
  override steps(): Step<ModelState>[] {
    const { state, protocol, writer } = this.parts;
    switch (writer.at) {
      case 'idle':
        return state.undrained === 0 ? this.#writeOutside() : [...this.#skip(), ...this.begin()];
      case 'begun':
        return this.#intend();
      case 'waiting':
        return this.#look();
      case 'ready': {
        if (protocol.isCoarse === true) return [this.#publish(), this.#rollBack()];
        const committed = { at: 'committed', transaction: 'committed' } as const;
        return [this.#step('COMMITs', committed), ...this.crash('crashes before COMMIT')];
      }
      case 'committed':
        return [this.#publish(), ...this.crash('crashes after COMMIT')];
      case 'locked':
      case 'acknowledged':
      case 'dead':
        return [];
    }
  }

  #writeOutside(): Step<ModelState>[] {
    const { committed, rowLock } = this.parts.state;
    if (rowLock !== -1) return [];
    const version = committed + 1;
    const patch = { committed: version, undrained: version };
    return [this.#step(`finds a line in the outbox: v${version} was written outside`, {}, patch)];
  }

  /** Whoever fills an absent entry later selects later, so there is nothing to do about it. */
  #skip(): Step<ModelState>[] {
    const { state, protocol } = this.parts;
    const { number } = state.epoch;
    const instance = state[homeOf(state, number)];
    if (instance === null || (protocol.hasEpochs === true && instance.mark !== number)) return [];
    const { is } = instance.entry;
    const isSkipped = is === 'absent' || (is === 'lease' && protocol.outside?.skipsLeases === true);
    return isSkipped ? [this.#acknowledge(`finds the entry ${is}, acknowledges`)] : [];
  }

  #intend(): Step<ModelState>[] {
    const { state, protocol } = this.parts;
    const readsFirst = protocol.outside?.readsRowFirst === true && this.parts.writer.version === 0;
    if (!readsFirst) return this.intend('waiting');
    return [this.#step(`reads v${state.committed}`, { version: state.committed })];
  }

  #look(): Step<ModelState>[] {
    const { state, writer } = this.parts;
    const version = writer.version === 0 ? state.committed : writer.version;
    return [this.#step(`reads v${version}`, { at: 'ready', version })];
  }

  #publish(): Step<ModelState> {
    const { protocol, writer } = this.parts;
    if (writer.epoch === -1) return this.#acknowledge('acknowledges');
    const version = protocol.outside?.discards === true ? 0 : writer.version;
    const label = version === 0 ? 'discards, acknowledges' : `PUBLISHes v${version}, acknowledges`;
    return this.#acknowledge(label, { messages: this.publish(version) });
  }

  /** Nobody drains the line again, so that nothing is promised of it. */
  #rollBack(): Step<ModelState> {
    const dead = { at: 'dead', transaction: 'aborted', version: 0 } as const;
    return this.#step('ABANDONs and rolls back', dead, { messages: this.publish(0) });
  }

  #acknowledge(label: string, patch: Partial<ModelState> = {}): Step<ModelState> {
    const { floor, undrained } = this.parts.state;
    const drained = { floor: Math.max(floor, undrained), undrained: 0 };
    const done = { at: 'acknowledged', transaction: 'committed', version: 0 } as const;
    return this.#step(label, done, { ...patch, ...drained });
  }

  #step(...[label, writer, patch]: Parameters<WriterTurn['step']>): Step<ModelState> {
    return this.step(label, writer, patch, 'drain');
  }
}
