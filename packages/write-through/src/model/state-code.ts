import { maskOf, messageCode, type Names } from './messages.ts';
import type { Instance, ModelState, ReaderState, WriterState } from './model-state.ts';
import type { StateBytes } from './state-set.ts';
import { type Naming, readerAt, transactionAt, writerAt } from './symmetry.ts';

/** Writes a state down, in a given order of writers and readers and under these names. */
export function writeState(state: ModelState, naming: Naming, bytes: StateBytes): void {
  bytes.push(state.committed);
  bytes.push(state.floor);
  bytes.push(state.undrained);
  bytes.push(state.readsLeft);
  bytes.push(naming.writer(state.rowLock));
  for (const left of Object.values(state.faultsLeft)) bytes.push(left);
  const { number, state: row, oldestTrusted, isLocked, firstHere } = state.epoch;
  bytes.push(number);
  bytes.push(firstHere);
  bytes.push(oldestTrusted);
  bytes.push(rowAt[row] * 2 + (isLocked ? 1 : 0));
  writeInstance(state.primary, naming, bytes);
  writeInstance(state.replica, naming, bytes);
  if (state.oldPrimary === null) bytes.push(-1);
  else writeInstance(state.oldPrimary, naming, bytes);
  for (const index of naming.writers) writeWriter(state.writers[index], bytes);
  for (const index of naming.readers) writeReader(state.readers[index], naming, bytes);
  const codes = state.messages.map((message) => messageCode(message, naming));
  for (const code of codes.sort((one, other) => one - other)) bytes.pushLong(code);
}

const rowAt = { active: 0, draining: 1, bypass: 2 };

function writeInstance({ entry, mark }: Instance, names: Names, bytes: StateBytes): void {
  bytes.push(mark);
  switch (entry.is) {
    case 'absent':
      bytes.push(0);
      return;
    case 'value':
      bytes.push(1);
      bytes.push(entry.version);
      return;
    case 'lease':
      bytes.push(2);
      bytes.push(names.token(entry.token));
      return;
    case 'pending':
      bytes.push(3);
      bytes.push(maskOf(entry.attempts, names));
      bytes.push(entry.best);
      bytes.push(names.attempt(entry.nonce));
  }
}

function writeWriter(writer: WriterState | undefined, bytes: StateBytes): void {
  if (writer === undefined) return;
  bytes.push(writerAt[writer.at] * 4 + transactionAt[writer.transaction]);
  bytes.push(writer.version);
  bytes.push(writer.epoch);
  bytes.push(writer.attempt & 1);
}

function writeReader(reader: ReaderState | undefined, naming: Naming, bytes: StateBytes): void {
  if (reader === undefined) return;
  bytes.push(readerAt[reader.at] * 2 + (reader.mayFill ? 1 : 0));
  bytes.push(reader.floor);
  bytes.push(naming.token(reader.token));
  bytes.push(reader.value);
  bytes.push(reader.epoch);
  bytes.push(naming.reader(reader.leader));
  if (reader.seen === null) {
    bytes.push(-1);
    return;
  }
  bytes.push(maskOf(reader.seen.attempts, naming));
  bytes.push(naming.attempt(reader.seen.nonce));
  bytes.push(maskOf(reader.ended, naming));
}
