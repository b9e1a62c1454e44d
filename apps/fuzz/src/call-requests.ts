import fc from 'fast-check';
import type { Exchange } from './exchange.ts';
import { anotherType, hostileStructure, hostileText } from './hostile-values.ts';
import { jsonText } from './json-text.ts';
import { attacking, bounding, fieldsIn, fitting, type Hints, slipping } from './near-schema.ts';
import type { Procedure } from './procedures.ts';

export const tokenNames = [
  'read',
  'write',
  'admin',
  'all',
  'expired',
  'forged',
  'unsigned',
] as const;
export type TokenName = (typeof tokenNames)[number];

/** What a catalogue has that inputs may name. */
export interface Known {
  readonly hints: Hints;
  readonly procedures: readonly Procedure[];
}

interface Input {
  readonly manner: string;
  readonly text: string | undefined;
}

interface Call {
  readonly procedure: Procedure;
  readonly input: Input;
}

/** It waits until nobody can trust the epoch that it ends, and for a second then no cache is used. */
const slow: ReadonlySet<string> = new Set(['cache.reset']);

/** A request in good form, whatever its calls ask for. */
export function callRequests({ procedures: all, hints }: Known): fc.Arbitrary<Exchange> {
  const procedures = all.flatMap((each) => Array.from({ length: timesOf(each) }, () => each));
  const call = fc
    .constantFrom(...procedures)
    .chain((procedure) => inputOf(procedure, hints).map((input): Call => ({ procedure, input })));
  return fc.oneof(
    { weight: 12, arbitrary: fc.tuple(call, manners).map(([one, how]) => single(one, how)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(batchOf(procedures, hints), manners)
        .map(([calls, how]) => batch(calls, how, false)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(batchOf(procedures, hints), manners)
        .map(([calls, how]) => batch(calls, how, true)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(brokenPath(procedures), call, manners)
        .map(([path, one, how]) => astray(path, one, how)),
    },
  );
}

/** The more there is to get wrong, the more often it is called. */
function timesOf({ name, input = {} }: Procedure): number {
  return slow.has(name) ? 1 : 4 * (2 + fieldsIn(input));
}

function inputOf({ input: schema = {} }: Procedure, hints: Hints): fc.Arbitrary<Input> {
  const mannered = (manner: string, values: fc.Arbitrary<unknown>) =>
    values.map((value): Input => ({ manner, text: jsonText(value) }));
  return fc.oneof(
    { weight: 6, arbitrary: mannered('fitting input', fitting(schema, hints)) },
    { weight: 4, arbitrary: mannered('input at its bounds', bounding(schema, hints)) },
    { weight: 9, arbitrary: mannered('one field wrong', slipping(schema, hints)) },
    { weight: 4, arbitrary: mannered('each field hostile', attacking(schema)) },
    { weight: 2, arbitrary: mannered('input of another type', anotherType) },
    { weight: 1, arbitrary: mannered('deep, huge or prototype keys', hostileStructure) },
    { weight: 1, arbitrary: textThatIsNoJson },
  );
}

const textThatIsNoJson: fc.Arbitrary<Input> = fc
  .oneof(
    fc.constant(undefined),
    hostileText,
    fc.json().map((json) => json.slice(0, -1)),
    fc.json().map((json) => `${json}${json}`),
    fc.constantFrom(
      '',
      ' ',
      '{"id":1,}',
      "{'id':1}",
      '{"id":1}//',
      '\ufeff{"id":1}',
      '"\\ud800',
      '{"a":"\\u00"}',
    ),
  )
  .map((text) => ({ manner: 'no JSON', text }));

/** How a call is sent, apart from what it says. */
interface Manners {
  readonly token: TokenName | undefined;
  readonly key: string | undefined;
  /** The other method than the one of its kind. */
  readonly isSwapped: boolean;
  readonly isChunked: boolean;
  readonly others: readonly string[];
}

const key = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom('key-1', 'key-2', 'a'.repeat(128)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      ' ',
      'a b',
      'a'.repeat(129),
      'é',
      'a, b',
      "'; DROP TABLE idempotency_keys; --",
      '{0}:*',
    ),
  },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 130 }) },
);

const manners: fc.Arbitrary<Manners> = fc.record({
  token: fc.oneof(
    { weight: 8, arbitrary: fc.constant('all' as const) },
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 3, arbitrary: fc.constantFrom(...tokenNames) },
  ),
  key,
  isSwapped: seldom(24),
  isChunked: seldom(5),
  others: fc.subarray(
    [
      'accept: */*',
      'x-forwarded-for: 10.0.0.1',
      'origin: https://elsewhere',
      'last-event-id: 1',
      'traceparent: 00-0-0-0',
      'accept-encoding: gzip, br',
      'x-trpc-source: *',
      'expect: 100-continue',
    ],
    { maxLength: 2 },
  ),
});

function single({ procedure, input }: Call, how: Manners): Exchange {
  const calls = { procedures: [procedure.name], isBatch: false, isStream: false };
  return {
    ...request(procedure.name, { how, isQuery: procedure.type !== 'mutation', input: input.text }),
    kind: input.manner,
    calls,
  };
}

/** More than a body may have. */
const bodyCharactersMax = 1_500_000;

function batchOf(procedures: readonly Procedure[], hints: Hints): fc.Arbitrary<readonly Call[]> {
  return fc.constantFrom('query', 'mutation', 'any').chain((type) => {
    const some = procedures.filter((each) => type === 'any' || each.type === type);
    const call = fc
      .constantFrom(...some)
      .chain((procedure) => inputOf(procedure, hints).map((input): Call => ({ procedure, input })));
    const short = fc.array(call, { minLength: 1, maxLength: 6 });
    // At the limit and beyond it.
    const long = fc.tuple(call, fc.constantFrom(99, 100, 101, 400)).map(([one, count]) => {
      const fitCount = Math.ceil(bodyCharactersMax / (one.input.text?.length ?? 1));
      return Array.from({ length: Math.min(count, fitCount) }, () => one);
    });
    return fc.oneof({ weight: 12, arbitrary: short }, { weight: 1, arbitrary: long });
  });
}

function batch(calls: readonly Call[], how: Manners, isStream: boolean): Exchange {
  const names = calls.map(({ procedure }) => procedure.name);
  const texts = calls.map(({ input }, index) => `"${index}":${input.text ?? 'null'}`);
  const isQuery = calls[0]?.procedure.type !== 'mutation';
  const others = isStream ? [...how.others, 'trpc-accept: application/jsonl'] : how.others;
  const sent = request(names.join(','), {
    how: { ...how, others },
    isQuery,
    input: `{${texts.join(',')}}`,
    isBatch: true,
  });
  return {
    ...sent,
    kind: isStream ? 'batch, streamed' : 'batch',
    calls: { procedures: names, isBatch: true, isStream },
  };
}

function brokenPath(procedures: readonly Procedure[]): fc.Arbitrary<string> {
  const name = fc.constantFrom(...procedures.map((each) => each.name));
  const slip = fc.constantFrom(
    '%',
    '%2',
    '%ff',
    '%2c',
    ',',
    '%2E',
    '%00',
    '/',
    '//',
    '..',
    '.',
    '%252e',
    ';',
    '?',
    '#',
    '&',
    'é',
    '%C3%A9',
    '%F0%9F',
    '__proto__',
    'constructor',
    'toString',
    'then',
    '%2F..%2F',
    "'",
    '{}',
    '*',
  );
  return fc
    .array(fc.oneof(name, slip), { minLength: 1, maxLength: 8 })
    .map((parts) => parts.join(''));
}

function astray(path: string, { procedure, input }: Call, how: Manners): Exchange {
  return {
    ...request(path, { how, isQuery: procedure.type !== 'mutation', input: input.text }),
    kind: 'path of no procedure',
  };
}

interface Parts {
  readonly how: Manners;
  readonly isQuery: boolean;
  readonly input: string | undefined;
  readonly isBatch?: boolean;
}

function request(
  path: string,
  { how, isQuery, input, isBatch = false }: Parts,
): Omit<Exchange, 'kind'> {
  const isGet = isQuery !== how.isSwapped;
  const search = [
    isBatch ? 'batch=1' : '',
    isGet && input !== undefined ? `input=${encoded(input)}` : '',
  ];
  const query = search.filter((each) => each !== '').join('&');
  const head = [
    `${isGet ? 'GET' : 'POST'} /trpc/${latin(path)}${query === '' ? '' : `?${query}`} HTTP/1.1`,
    'host: localhost',
    'connection: close',
    ...(how.token === undefined ? [] : [`authorization: Bearer <<${how.token}>>`]),
    ...(how.key === undefined
      ? []
      : [`idempotency-key: ${latin(how.key).replaceAll(/[\r\n\0]/g, '')}`]),
    ...how.others,
  ];
  const bytes = isGet ? `${head.join('\r\n')}\r\n\r\n` : posted(head, latin(input ?? ''), how);
  return { port: 'service', bytes, end: 'wait' };
}

function posted(head: readonly string[], body: string, { isChunked }: Manners): string {
  const framing =
    isChunked && body !== '' ? 'transfer-encoding: chunked' : `content-length: ${body.length}`;
  const framed =
    isChunked && body !== '' ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
  return `${[...head, 'content-type: application/json', framing].join('\r\n')}\r\n\r\n${framed}`;
}

/** More than a head may have; the rest would only cost time. */
const urlCharactersMax = 100_000;

/** Lone surrogates that are not escaped have no encoding; what stands for them is as good. */
function encoded(text: string): string {
  return encodeURIComponent(text.slice(0, urlCharactersMax).toWellFormed());
}

/** Once in so many times; of numbers, the generator prefers the smallest. */
function seldom(times: number): fc.Arbitrary<boolean> {
  return fc.oneof(
    { weight: times - 1, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  );
}

/** Bytes of UTF-8, each as one character. */
function latin(text: string): string {
  return Buffer.from(text).toString('latin1');
}
