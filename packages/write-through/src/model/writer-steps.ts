import {
  absent,
  type ModelEntry,
  type ModelState,
  replaceAt,
  send,
  type Step,
  type TransactionState,
  type WriterState,
} from './model-state.ts';
import type { Protocol } from './protocol.ts';

/** Every step that some writer can take. */
export function writerSteps(state: ModelState, protocol: Protocol): Step[] {
  return state.writers.flatMap((_, index) => new WriterTurn(state, protocol, index).steps());
}

/** What INTEND makes of an entry. */
export function intended(entry: ModelEntry, writer: number, protocol: Protocol): ModelEntry {
  if (entry.is === 'pending' && protocol.hasOneSlot !== true) {
    const writers = [...new Set([...entry.writers, writer])].toSorted((a, b) => a - b);
    return { ...entry, writers, nonce: writer };
  }
  const best = entry.is === 'value' && protocol.forgetsValue !== true ? entry.version : 0;
  return { is: 'pending', writers: [writer], best, nonce: writer };
}

class WriterTurn {
  readonly #state: ModelState;
  readonly #protocol: Protocol;
  readonly #index: number;
  readonly #writer: WriterState;

  constructor(state: ModelState, protocol: Protocol, index: number) {
    this.#state = state;
    this.#protocol = protocol;
    this.#index = index;
    this.#writer = state.writers[index] ?? { at: 'dead', version: 0 };
  }

  steps(): Step[] {
    switch (this.#writer.at) {
      case 'idle':
        return this.#protocol.intendsBeforeLock === true
          ? this.#begin()
          : this.#lock('locked', 'open');
      case 'begun':
        return this.#intend('waiting', 0);
      case 'waiting':
        return [...this.#lock('ready'), ...this.#crash('crashes before its UPDATE')];
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

  #begin(): Step[] {
    return [this.#step('begins', { at: 'begun', version: 0 }, { transaction: 'open' })];
  }

  #lock(at: 'locked' | 'ready', transaction?: TransactionState): Step[] {
    const { rowLock, committed, writers } = this.#state;
    if (rowLock !== -1) return [];
    const version = Math.max(committed, ...writers.map((writer) => writer.version)) + 1;
    const more = { rowLock: this.#index, ...(transaction === undefined ? {} : { transaction }) };
    return [this.#step('locks and updates', { at, version }, more)];
  }

  #afterLock(): Step[] {
    const { version } = this.#writer;
    switch (this.#protocol.writes) {
      case 'set':
        return [
          this.#step(
            'sets its value',
            { at: 'ready', version },
            { entry: { is: 'value', version } },
          ),
        ];
      case 'delete':
      case 'lease':
        return [this.#step('is ready', { at: 'ready', version })];
      case 'intend':
        return this.#intend('ready', version);
    }
  }

  #intend(at: 'waiting' | 'ready', version: number): Step[] {
    const { epochState, oldPrimary, isMarked, entry, epoch } = this.#state;
    const { hasEpochs, retriesUnderOneToken, intendsBeforeLock } = this.#protocol;
    const steps: Step[] = [];
    const intend = { do: 'intend', writer: this.#index, epoch } as const;
    const pending = intended(entry, this.#index, this.#protocol);
    const isTrusted = epochState !== 'bypass' && oldPrimary === null && isMarked;
    if (hasEpochs === true && epochState === 'bypass') {
      steps.push(this.#step('writes past the cache', { at, version }));
    } else if (hasEpochs !== true || isTrusted) {
      steps.push(this.#step('intends', { at, version }, { entry: pending }));
      if (retriesUnderOneToken === true) {
        const messages = send(this.#state, intend);
        const again = 'intends twice, the first still on its way';
        steps.push(this.#step(again, { at, version }, { entry: pending, messages }));
      }
    }
    const messages = send(this.#state, intend);
    const lock = intendsBeforeLock === true ? {} : { rowLock: -1 };
    const dead = { at: 'dead', version } as const;
    const label = 'gives up INTEND and rolls back';
    steps.push(this.#step(label, dead, { transaction: 'aborted', messages, ...lock }));
    return steps;
  }

  #commitOrNot(): Step[] {
    const { version } = this.#writer;
    const done = { at: 'committed', version } as const;
    const more = { committed: version, rowLock: -1, transaction: 'committed' } as const;
    const steps = [
      this.#step(`commits v${version}`, done, more),
      ...this.#crash('crashes before COMMIT'),
    ];
    if (this.#protocol.writes === 'intend') {
      const abandon = { do: 'abandon', writer: this.#index, epoch: this.#state.epoch } as const;
      const messages = send(this.#state, abandon);
      const dead = { at: 'dead', version } as const;
      steps.push(this.#step('rolls back', dead, { rowLock: -1, transaction: 'aborted', messages }));
    }
    return steps;
  }

  #finish(): Step[] {
    const { version } = this.#writer;
    const { epoch } = this.#state;
    const floor = Math.max(this.#state.floor, version);
    const acknowledged = { at: 'acknowledged', version } as const;
    const crash = this.#crash('crashes after COMMIT');
    switch (this.#protocol.writes) {
      case 'set':
        return [this.#step('acknowledges', acknowledged, { floor })];
      case 'delete':
      case 'lease':
        return [
          this.#step('deletes, acknowledges', acknowledged, { entry: absent, floor }),
          ...crash,
        ];
      case 'intend': {
        const publish = { do: 'publish', writer: this.#index, version, send: 1, epoch } as const;
        const twice = this.#protocol.retriesUnderOneToken === true;
        const messages = send(
          this.#state,
          publish,
          ...(twice ? [{ ...publish, send: 2 } as const] : []),
        );
        return [this.#step('publishes, acknowledges', acknowledged, { floor, messages }), ...crash];
      }
    }
  }

  #crash(label: string): Step[] {
    const { faultsLeft } = this.#state;
    if (faultsLeft.crashes === 0) return [];
    const left = { faultsLeft: { ...faultsLeft, crashes: faultsLeft.crashes - 1 } };
    const dead = { at: 'dead', version: this.#writer.version } as const;
    if (this.#writer.at === 'committed') return [this.#step(label, dead, left)];
    const lock = this.#writer.at === 'ready' ? { rowLock: -1 } : {};
    return [this.#step(label, dead, { transaction: 'aborted', ...lock, ...left })];
  }

  #step(
    label: string,
    writer: WriterState,
    more: Partial<ModelState> & { readonly transaction?: TransactionState } = {},
  ): Step {
    const { transaction, ...patch } = more;
    const { writers, transactions } = this.#state;
    return {
      label: `W${this.#index} ${label}`,
      state: {
        ...this.#state,
        ...patch,
        writers: replaceAt(writers, this.#index, writer),
        transactions:
          transaction === undefined
            ? transactions
            : replaceAt(transactions, this.#index, transaction),
      },
    };
  }
}
