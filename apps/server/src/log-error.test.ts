import { TRPCError } from '@trpc/server';
import { createLogger } from '@throughline/telemetry';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { logError } from './log-error.ts';

const canary = 'Kanari';

test.each([
  ['a text that is no JSON', () => void JSON.parse(canary)],
  ['a field that is unknown', () => void z.strictObject({}).parse({ [canary]: 1 })],
])('%s is refused in the log without a piece of it', (_, read) => {
  const cause = thrownBy(read);
  // What is told is also what was meant to be kept out.
  expect(String(cause)).toContain(canary);
  const line = logged(new TRPCError({ code: 'BAD_REQUEST', cause }));
  expect(line).toContain('"msg":"refused"');
  expect(line).not.toContain(canary);
});

test('why a store failed is told by the messages of its causes, outermost first', () => {
  const cause = new Error('The pool is empty.', { cause: new Error('It was closed.') });
  const line = logged(new TRPCError({ code: 'BAD_REQUEST', cause }));
  expect(line).toContain('"reasons":["The pool is empty.","It was closed."]');
});

function thrownBy(read: () => void): unknown {
  try {
    read();
  } catch (err) {
    return err;
  }
  throw new Error('It was read.');
}

function logged(error: TRPCError): string {
  let lines = '';
  const destination = { write: (line: string) => void (lines += line) };
  logError(createLogger({ level: 'info', destination }), { error });
  return lines;
}
