import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBothAdapters } from './testing/both-adapters.ts';
import { rawRequest, type RequestParts } from './testing/requests.ts';
import { markingTransformer } from './testing/test-router.ts';

/** Named in the failure, together with the path to the smallest request that fails. */
const seed = 20_261_127;

const procedures = [
  'hello nothing nil date big circle promise nestedPromise generator list checked setsStatus',
  'throwsOwn throwsOther throwsText throwsObject throwingParser extended replaced changesError',
  'byId echo merged set setById conflict late.byId nested.deep.er unknown',
].flatMap((line) => line.split(' '));

const input = fc.oneof(
  fc.record({ id: fc.integer() }),
  fc.jsonValue({ maxDepth: 2 }),
  fc.record({ marked: fc.json({ maxDepth: 1 }) }),
);

/** Text that is valid up to a slip or two. */
const text = fc.oneof(
  { weight: 6, arbitrary: input.map((value) => JSON.stringify(value)) },
  {
    weight: 4,
    arbitrary: fc
      .dictionary(fc.constantFrom('0', '1', '2', '11', 'x'), input, { maxKeys: 4 })
      .map((inputs) => JSON.stringify(inputs)),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
  { weight: 1, arbitrary: fc.json().map((json) => json.slice(0, -1)) },
);

const encoded = text.chain((plain) =>
  fc.constantFrom(
    encodeURIComponent(plain),
    encodeURIComponent(plain).replaceAll('%20', '+'),
    encodeURI(plain).replaceAll('#', '%23').replaceAll('&', '%26'),
    encodeURIComponent(plain).toLowerCase(),
    encodeURIComponent(plain).slice(0, -1),
  ),
);

const slip = fc.constantFrom(
  '%',
  '%2',
  '%ff',
  '%2c',
  '%2E',
  '%00',
  '/',
  '//',
  '.',
  '..',
  '+',
  ';',
  '=',
  ',',
  "'",
  '"',
  '\\',
  '|',
  '^',
  '`',
);

const path = fc
  .tuple(
    fc.constantFrom('/api/', '/api/', '/api/', '/api//', '/', '/other/', '/ap%69/'),
    fc.array(
      fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...procedures) },
        { weight: 1, arbitrary: slip },
      ),
      {
        minLength: 1,
        maxLength: 14,
        size: '-1',
      },
    ),
    fc.constantFrom('', '', '', '', '/', ',', '/x'),
  )
  .map(([base, names, end]) => `${base}${names.join(',')}${end}`);

const parameter = fc.oneof(
  { weight: 6, arbitrary: encoded.map((value) => `input=${value}`) },
  { weight: 4, arbitrary: fc.constant('batch=1') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'batch=0',
      'batch',
      'b%61tch=1',
      '',
      'input',
      'in+put=1',
      'x=1',
      'input=%7B',
      'connectionParams=%7B%7D',
    ),
  },
  { weight: 1, arbitrary: fc.tuple(slip, slip).map(([name, value]) => `${name}=${value}`) },
);

const query = fc
  .array(parameter, { maxLength: 4 })
  .map((parameters) => (parameters.length === 0 ? '' : `?${parameters.join('&')}`));

const headers = fc.subarray(
  [
    'accept: */*',
    'accept: application/jsonl',
    'trpc-accept: application/jsonl',
    'x-other: é',
    'last-event-id: 1',
    'host: h:1',
    'host: [::1]',
    'host: u@h',
  ],
  { maxLength: 2 },
);

const contentType = fc.oneof(
  { weight: 8, arbitrary: fc.constant('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'Application/JSON;charset=utf-8',
      'text/plain',
      'application/octet-stream',
      ' ',
      'multipart/form-data',
    ),
  },
);

const get = fc.record({ url: fc.tuple(path, query).map((both) => both.join('')), headers });

const posted: fc.Arbitrary<RequestParts> = fc
  .record({ get, contentType, body: text, isChunked: fc.boolean(), isPadded: fc.boolean() })
  .map(({ get: { url, headers: others }, contentType: type, body, isChunked, isPadded }) => {
    const sent = isPadded ? body.padEnd(2_100) : body;
    const length = Buffer.byteLength(sent).toString(16);
    const all = [...others, `content-type: ${type}`];
    if (!isChunked || sent === '') return { method: 'POST', url, headers: all, body: sent };
    const chunked = `${length}\r\n${sent}\r\n0\r\n\r\n`;
    return { method: 'POST', url, headers: [...all, 'transfer-encoding: chunked'], body: chunked };
  });

const request: fc.Arbitrary<RequestParts> = fc.oneof(
  { weight: 8, arbitrary: get },
  { weight: 6, arbitrary: posted },
  {
    weight: 1,
    arbitrary: fc.record({
      method: fc.constantFrom('HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH'),
      url: path,
    }),
  },
);

test.each([
  ['its defaults', {}, {}],
  [
    'a transformer and a formatter',
    {},
    { transformer: markingTransformer, formats: 'more' } as const,
  ],
  [
    'methods overridden and headers added',
    { allowMethodOverride: true, responseMeta: () => ({ headers: new Headers({ 'x-a': '1' }) }) },
    {},
  ],
])(
  'with %s, any request gets the answer of the standalone adapter, and tells the options the same',
  { timeout: 120_000 },
  async (_, handler, router) => {
    await using adapters = await openBothAdapters(handler, router);
    await fc.assert(
      fc.asyncProperty(request, async (parts) => {
        const [theirs, ours] = await adapters.observe(rawRequest(parts));
        expect(ours).toEqual(theirs);
      }),
      { seed, numRuns: 1_000 },
    );
  },
);
