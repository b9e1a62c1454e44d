import { IncomingMessage, ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Admission } from './admission.ts';
import { openHttpEndpoint } from './http-endpoint.ts';

const bounds = {
  requestsMax: 8,
  requestsMaxWhenLate: 2,
  requestsRegained: 1,
  lateMs: 50,
  lateCheckMs: 25,
};

describe('an event loop', () => {
  let nowMs: number;
  let admission: Admission;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    nowMs = 0;
    admission = new Admission(bounds, () => nowMs);
    return () => admission[Symbol.dispose]();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Lets the loop come to its next look so late. */
  const turn = (lateMs: number) => {
    nowMs += bounds.lateCheckMs + lateMs;
    vi.advanceTimersByTime(bounds.lateCheckMs);
  };

  test('that is on time lets in as many as there may be, and the next when one has ended', () => {
    const answers = fill(admission);
    expect(answers).toHaveLength(8);
    expect(admission.admit(answerOf())).toBe(false);
    answers[3]?.emit('close');
    expect(admission.admit(answerOf())).toBe(true);
    expect(admission.admit(answerOf())).toBe(false);
  });

  test('that is late once changes nothing', () => {
    turn(1_000);
    turn(50);
    turn(1_000);
    expect(fill(admission)).toHaveLength(8);
  });

  test('that stays late lets in half of what is in flight, down to a least number', () => {
    const answers = fill(admission);
    for (const _ of [1, 2]) turn(51);
    for (const answer of answers.splice(0, 4)) answer.emit('close');
    expect(admission.admit(answerOf())).toBe(false);
    answers.pop()?.emit('close');
    expect(admission.admit(answerOf())).toBe(true);
    for (const _ of [1, 2, 3]) turn(51);
    for (const answer of answers.splice(0)) answer.emit('close');
    // One of those that were let in is still there.
    expect(fill(admission)).toHaveLength(1);
  });

  test('that is on time again lets in one more at each look', () => {
    for (const _ of [1, 2]) turn(51);
    expect(fill(admission)).toHaveLength(2);
    for (const _ of [1, 2, 3]) turn(0);
    expect(fill(admission)).toHaveLength(3);
    for (const _ of Array.from({ length: 20 })) turn(0);
    expect(fill(admission)).toHaveLength(3);
  });
});

test('requests of a client that is gone are not in flight, those that wait for their turn on its connection neither', async () => {
  using admission = new Admission(bounds);
  const admitted: ServerResponse[] = [];
  const allClosed = Promise.withResolvers<void>();
  let closed = 0;
  await using endpoint = await openHttpEndpoint({
    listener: (_, res) => {
      if (!admission.admit(res)) return;
      admitted.push(res);
      res.once('close', () => {
        closed += 1;
        if (closed === 3) allClosed.resolve();
      });
      // All are answered but the first, which the others have to wait for.
      if (admitted.length > 1) res.end();
      if (admitted.length === 3) socket.destroy();
    },
    host: '127.0.0.1',
    port: 0,
  });
  const socket = connect(Number(new URL(endpoint.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(3));
  await allClosed.promise;
  expect(fill(admission)).toHaveLength(8);
});

function fill(admission: Admission): ServerResponse[] {
  const admitted: ServerResponse[] = [];
  for (let res = answerOf(); admission.admit(res); res = answerOf()) admitted.push(res);
  return admitted;
}

function answerOf(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}
