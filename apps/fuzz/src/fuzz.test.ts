import fc from 'fast-check';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Exchange } from './exchange.ts';
import { fuzz, type Finding } from './fuzz.ts';
import { rawRequests } from './raw-requests.ts';
import { openStandIn, type StandInFaults } from './testing/stand-in.ts';

const seed = 20_261_127;
const inputs = 60;

/** Requests with a number in them, of which a stand-in takes some amiss. */
const numbered: fc.Arbitrary<Exchange> = fc.nat({ max: 1_000 }).map((number) => ({
  kind: 'numbered',
  port: 'service',
  bytes: `GET /trpc/${number} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
  end: 'wait',
  calls: { procedures: ['product.byId'], isBatch: false, isStream: false },
}));

async function findingsOf(
  faults: StandInFaults,
  options: { exchanges?: fc.Arbitrary<Exchange>; seed?: number; path?: string } = {},
): Promise<readonly Finding[]> {
  await using standIn = await openStandIn(faults);
  const { findings } = await fuzz({
    target: standIn.target,
    exchanges: numbered,
    seed,
    inputs,
    ...options,
  });
  return findings;
}

/** Wrong from this number on. */
function from(number: number, send: (res: ServerResponse) => void): StandInFaults {
  return {
    answer: ({ url = '' }, res) => {
      const isWrong = Number(url.slice('/trpc/'.length)) >= number;
      if (isWrong) send(res);
      return isWrong;
    },
  };
}

function sending(status: number, body: unknown, headers = {}) {
  return (res: ServerResponse) => {
    res.writeHead(status, { 'content-type': 'application/json', ...headers });
    res.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

function error(serviceCode: string, code: string, httpStatus: number, more = {}) {
  const data = { code, httpStatus, serviceCode };
  return { error: { message: 'No.', code: -32_000, data: { ...data, ...more } } };
}

const notFound = error('PRODUCT_NOT_FOUND', 'NOT_FOUND', 404);

describe('a server that is well', () => {
  it('is found to be so, whatever is sent to it', async () => {
    expect(await findingsOf({}, { exchanges: fc.oneof(numbered, rawRequests()) })).toEqual([]);
  });
});

const away = error('DATABASE_UNAVAILABLE', 'SERVICE_UNAVAILABLE', 503, { retryable: true });

describe('a server that is well but for a moment', () => {
  it('may ask to be asked again, and not for ever', async () => {
    const asked = new Map<string, number>();
    const awayTimes = (times: number): StandInFaults => ({
      answer: ({ url = '' }, res) => {
        const before = asked.get(url) ?? 0;
        asked.set(url, before + 1);
        if (before % (times + 1) === times) return false;
        sending(503, away)(res);
        return true;
      },
    });
    expect(await findingsOf(awayTimes(2))).toEqual([]);
    asked.clear();
    const [finding] = await findingsOf(awayTimes(1_000_000));
    expect(finding?.fault).toContain('503 DATABASE_UNAVAILABLE');
  });
});

describe('a server', () => {
  it.each([
    ['answers a 500', sending(500, error('INTERNAL', 'INTERNAL_SERVER_ERROR', 500)), /INTERNAL/],
    [
      'says that it is away',
      sending(503, error('DATABASE_UNAVAILABLE', 'SERVICE_UNAVAILABLE', 503)),
      /that is well/,
    ],
    [
      'leaks a stack',
      sending(404, { error: { ...notFound.error, message: 'x\n    at f (/a/b.ts:1:2)' } }),
      /shows a stack/,
    ],
    [
      'leaks a statement',
      sending(404, { error: { ...notFound.error, message: 'SELECT id FROM products WHERE' } }),
      /shows a statement/,
    ],
    [
      'leaks a name in a header',
      sending(404, notFound, { 'x-key': 'the-namespace:{0}' }),
      /shows "the-namespace"/,
    ],
    [
      'leaks in a detail',
      sending(404, error('PRODUCT_NOT_FOUND', 'NOT_FOUND', 404, { path: 'redis://h:1' })),
      /shows/,
    ],
    [
      'answers a code that is not documented',
      sending(404, error('LOST', 'NOT_FOUND', 404)),
      /LOST is not documented/,
    ],
    ['answers a code with another status', sending(400, notFound), /has the status 400/],
    [
      'answers more than is documented',
      sending(404, error('PRODUCT_NOT_FOUND', 'NOT_FOUND', 404, { stack: 'x' })),
      /the field stack/,
    ],
    ['answers no JSON', sending(200, 'hello'), /no JSON/],
    [
      'answers text without a type',
      (res: ServerResponse) => res.writeHead(400).end('no'),
      /not documented/,
    ],
    [
      'cuts an answer off',
      (res: ServerResponse) => {
        res.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
        res.write('{');
        res.socket?.end();
      },
      /cut off/,
    ],
    ['hangs up', (res: ServerResponse) => res.socket?.end(), /got 0 answers/],
  ])('that %s is caught, with the smallest input that makes it', async (_, send, fault) => {
    const findings = await findingsOf(from(37, send));
    expect(findings.length).toBeGreaterThan(0);
    expect(findings[0]?.fault).toMatch(fault);
    expect(findings[0]?.input?.bytes).toContain('GET /trpc/37 HTTP');
  });

  it('that dies, or logs an error, is caught even where it answered well', async () => {
    let asked = 0;
    const complaint = () => (++asked === 5 ? 'the process ended with SIGSEGV' : undefined);
    const [finding] = await findingsOf({ complaint });
    expect(finding?.fault).toBe('the process ended with SIGSEGV');
  });

  it('that runs a request hidden in the body of another is caught', async () => {
    const smuggle: fc.Arbitrary<Exchange> = fc.constant({
      kind: 'smuggling',
      port: 'service',
      bytes:
        'POST /nowhere HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /trpc/hidden HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
      end: 'wait',
      isForbidden: true,
    });
    const faults: StandInFaults = {
      answer: ({ url }, res) => {
        if (url === '/trpc/hidden') sending(200, { result: { data: null } })(res);
        return url === '/trpc/hidden';
      },
    };
    const [finding] = await findingsOf(faults, { exchanges: smuggle });
    expect(finding?.fault).toBe('what must not be understood was answered');
  });

  it('gives the same finding again by its seed and path alone', async () => {
    const faults = from(500, sending(200, 'hello'));
    const [first] = await findingsOf(faults);
    const again = await findingsOf(faults, { seed: first?.seed ?? 0, path: first?.path ?? '' });
    expect(again.map(({ input }) => input)).toEqual([first?.input]);
  });
});
