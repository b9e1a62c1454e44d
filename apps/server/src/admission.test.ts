import { IncomingMessage, ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Admission } from './admission.ts';
import { openHttpEndpoint } from './http-endpoint.ts';

const bounds = {
  requestsMax: 8,
  requestsMaxWhenBusy: 2,
  requestsRegained: 1,
  admittedWaitMs: 100,
  busyShare: 0.9,
  busyCheckMs: 25,
};

describe('an event loop', () => {
  let times: { active: number; idle: number };
  let admission: Admission;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    times = { active: 0, idle: 0 };
    admission = new Admission(bounds, () => times);
    return () => admission[Symbol.dispose]();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Lets the loop come to its next look after so much work and so much rest. */
  const turn = (active: number, idle: number) => {
    times = { active: times.active + active, idle: times.idle + idle };
    vi.advanceTimersByTime(bounds.busyCheckMs);
  };
  /** Has so many requests come and be answered in one turn. */
  const serve = (count: number, active: number, idle: number) => {
    for (const answer of fill(admission, count)) answer.emit('close');
    turn(active, idle);
  };

  test('that has time left lets in as many as there may be, and the next when one has ended', () => {
    serve(2, 80, 20);
    serve(2, 80, 20);
    const answers = fill(admission);
    expect(answers).toHaveLength(8);
    expect(admission.admit(answerOf())).toBe(false);
    answers[3]?.emit('close');
    expect(admission.admit(answerOf())).toBe(true);
    expect(admission.admit(answerOf())).toBe(false);
  });

  test('that is busy once changes nothing', () => {
    serve(1, 100, 0);
    serve(1, 80, 20);
    serve(1, 100, 0);
    expect(fill(admission)).toHaveLength(8);
  });

  test('that stays busy lets in as many as it answers in time, by what the latest ones took of it', () => {
    // 20 ms for each.
    for (const _ of [1, 2]) serve(5, 100, 0);
    expect(fill(admission)).toHaveLength(5);
  });

  test('that stays busy lets in a least number, however long each of them takes', () => {
    for (const _ of [1, 2]) serve(1, 1_000, 0);
    expect(fill(admission)).toHaveLength(2);
  });

  test('that stays busy with requests of which none has been answered yet lets in as many as there may be', () => {
    fill(admission, 1);
    for (const _ of [1, 2, 3]) turn(100, 0);
    expect(fill(admission)).toHaveLength(7);
  });

  test('is not held to what it did while nobody was there', () => {
    turn(10_000, 0);
    serve(5, 100, 0);
    expect(fill(admission)).toHaveLength(5);
  });

  test('that has time again lets in one more at each look', () => {
    for (const _ of [1, 2]) serve(1, 1_000, 0);
    expect(fill(admission)).toHaveLength(2);
    for (const _ of [1, 2, 3]) turn(0, 25);
    expect(fill(admission)).toHaveLength(3);
    for (const _ of Array.from({ length: 20 })) turn(0, 25);
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

/** Lets in so many, or as many as may come. */
function fill(admission: Admission, count = Infinity): ServerResponse[] {
  const admitted: ServerResponse[] = [];
  while (admitted.length < count) {
    const res = answerOf();
    if (!admission.admit(res)) break;
    admitted.push(res);
  }
  return admitted;
}

function answerOf(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}
