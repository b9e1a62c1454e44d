import { describe, expect, test } from 'vitest';
import { openBothAdapters, type TestHandlerOptions } from './testing/both-adapters.ts';
import { batchOf, inputOf, json, post, rawRequest, type RequestParts } from './testing/requests.ts';
import { markingTransformer, type TestRouterOptions } from './testing/test-router.ts';

const queries = [
  'hello nothing nil date big circle promise nestedPromise generator list setsStatus answersItself',
  'throwsOwn throwsOther throwsText throwsNothing throwsObject throwingParser extended replaced keys',
  'changesError changesData forgetsNext throwsBefore formatsItself nested.deep.er late.byId late.no',
  'byId echo merged checked set setById conflict ticks seen unknown then constructor __proto__',
].flatMap((line) => line.split(' '));

const inputs = [undefined, { id: 1 }, { id: 'x' }, null, [1], 'text', { id: 1, size: 9 }];

const gets: RequestParts[] = queries.flatMap((path) =>
  inputs.map((input) => ({
    url: `/api/${path}${input === undefined ? '' : `?input=${inputOf(input)}`}`,
  })),
);

const posts: RequestParts[] = queries.flatMap((path) => [
  post(`/api/${path}`, ''),
  post(`/api/${path}`, '{"id":1}'),
  post(`/api/${path}?batch=1`, '{"0":{"id":1}}'),
]);

const batches: RequestParts[] = [
  ...queries.map((path) => ({
    url: batchOf(['hello', path, 'byId'], { 1: { id: 1 }, 2: { id: 2 } }),
  })),
  ...[[], null, 1, 'x', {}, { 0: null }, { 7: 1 }].map((all) => ({
    url: batchOf(['echo', 'echo'], all),
  })),
  { url: batchOf(Array.from({ length: 12 }, () => 'hello')) },
  { url: batchOf(Array.from({ length: 13 }, () => 'hello')) },
  { url: batchOf(['set', 'hello']) },
  { url: batchOf([]) },
  post('/api/set,setById,conflict?batch=1', '{"0":"a","1":{"id":2}}'),
  post('/api/set,hello?batch=1', '{}'),
  post('/api/set,set?batch=1', '[1,2]'),
];

const urls: RequestParts[] = [
  '/api/hello/',
  '/api//hello',
  '/api///hello//',
  '//api/hello',
  '/xyz/hello',
  '/api.hello',
  '/hello',
  '/',
  '/api',
  '/api/',
  '/api/./hello',
  '/api/x/../hello',
  '/api/%2e/hello',
  '/api/.hello',
  '/api/nested.deep.er',
  '/api/nested/deep/er',
  '/api/nested%2Edeep%2eer',
  '/api/h%65llo',
  '/api/hello%2Chello?batch=1',
  '/api/hello,?batch=1',
  '/api/hello%ff',
  '/api/hello%',
  '/api/hel lo',
  '/api/hello;x',
  '/api/hello#fragment',
  '/api/hello?#',
  '/api/hello\\',
  '/api\\hello',
  '/api/hél',
  '/api/nested~deep~er',
  'http://other/api/hello',
  'http://u:p@other/api/hello',
  '/api/hello?',
  '/api/hello?batch=1',
  '/api/hello?batch=1&batch=0',
  '/api/hello?batch=0&batch=1',
  '/api/hello?batch=%31',
  '/api/hello?b%61tch=1',
  '/api/hello?batch=1=1',
  '/api/hello?batch',
  '/api/hello?BATCH=1',
  '/api/echo?input',
  '/api/echo?input=',
  '/api/echo?input=&input=1',
  '/api/echo?input=1&input=2',
  '/api/echo?&&input=1&',
  '/api/echo?input={"a":"b c"}',
  '/api/echo?input={"a":"b+c%2B"}',
  '/api/echo?input="it\'s"',
  '/api/echo?input="%ff"',
  '/api/echo?input="%"',
  '/api/echo?input="%zz"',
  '/api/echo?input="%F0%9F%98%80"',
  '/api/echo?input=%EF%BB%BF1',
  '/api/echo?input="<>`{}|^\\\\"',
  '/api/echo?input="é"',
  '/api/echo?in%70ut=1',
  '/api/echo?in+put=1&input=2',
  '/api/echo?input=%7B',
  '/api/echo?input=undefined',
  '/api/echo?input={"__proto__":1}',
  '/api/echo?connectionParams=%7B%22a%22%3A%22b%22%7D',
  '/api/echo?connectionParams=1',
  '/api/ticks?lastEventId=3',
].map((url) => ({ url }));

const methods: RequestParts[] = [
  'HEAD',
  'OPTIONS',
  'PUT',
  'DELETE',
  'PATCH',
  'TRACE',
  'QUERY',
].flatMap((method) => [
  { method, url: '/api/hello' },
  { method, url: '/api/set', body: '{}', headers: [json] },
  { method, url: '/nowhere' },
]);

const headed: RequestParts[] = [
  ...[
    'application/jsonl',
    'text/html, application/jsonl;q=1',
    'text/html,application/jsonl',
    '*/*',
    '',
  ].flatMap((accept) => [
    { url: '/api/hello', headers: [`accept: ${accept}`] },
    { url: batchOf(['hello', 'throwsOwn', 'generator', 'byId']), headers: [`accept: ${accept}`] },
    { url: batchOf(['hello', 'nestedPromise']), headers: [`trpc-accept: ${accept}`] },
  ]),
  ...[
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    ' application/json ;',
    'application/jsonx',
    'text/plain',
    'application/octet-stream',
    'multipart/form-data; boundary=x',
    'multipart/form-data',
    '',
  ].flatMap((type) => [
    { url: '/api/hello', headers: [`content-type: ${type}`] },
    { method: 'POST', url: '/api/set', body: '"b"', headers: [`content-type: ${type}`] },
    {
      method: 'POST',
      url: '/api/set?batch=1',
      body: '{"0":1}',
      headers: [`content-type: ${type}`],
    },
  ]),
  { method: 'POST', url: '/api/set', body: '1' },
  { url: '/api/hello', headers: [json, 'content-type: text/plain'] },
  ...[
    '',
    '[',
    'a b',
    'u:p@h',
    'h/x',
    'h:99999',
    '[::1]:1',
    '1.2.3.999',
    'é',
    'h?x',
    'h_h',
    'H:80',
  ].map((host) => ({ url: '/api/hello', headers: [`host: ${host}`] })),
];

const bodies: RequestParts[] = [
  ...['{', 'null', 'true', '"é€😀"', '{"a":1}x', ' ', '\uFEFF"marked"', '[]', '{"id":"1"}'].flatMap(
    (body) => [
      post('/api/set', body),
      post('/api/setById', body),
      post('/api/set,set?batch=1', body),
    ],
  ),
  post('/api/set', JSON.stringify('x'.repeat(1_998))),
  post('/api/set', JSON.stringify('x'.repeat(1_999))),
  post('/api/set,set?batch=1', JSON.stringify({ 0: 'x'.repeat(3_000) })),
  post('/api/set', '3\r\n"ab\r\n2\r\nc"\r\n0\r\n\r\n', 'transfer-encoding: chunked'),
  post('/api/set', '0\r\n\r\n', 'transfer-encoding: chunked'),
  post('/api/set', '"abc"', 'content-length: 3'),
  post('/api/set', '"abc"', 'content-length: x'),
  post('/api/unknown', '{'),
  post('/api/set?input=1', '2'),
  { method: 'GET', url: '/api/echo?input=1', body: '2', headers: [json] },
];

const all = { gets, posts, batches, urls, methods, headed, bodies };

/** Every procedure in any case; with every input only where nothing is set. */
const fewer = {
  ...all,
  gets: gets.filter((_, index) => index % 4 === 0),
  posts: posts.filter((_, index) => index % 4 === 0),
};

const set = (headers: Headers | Record<string, string | string[]>, status?: number) => ({
  responseMeta: () => ({ headers, ...(status !== undefined && { status }) }),
});

const cookies = new Headers([
  ['set-cookie', 'a=1'],
  ['set-cookie', 'b=2'],
  ['x-a', '1'],
  ['x-a', '2'],
  ['content-type', 'text/x'],
]);

const settings: Record<string, [TestHandlerOptions, TestRouterOptions?]> = {
  'its defaults': [{}],
  'a transformer': [{}, { transformer: markingTransformer }],
  'a formatter': [{}, { formats: 'more' }],
  'a formatter that throws': [{}, { formats: 'nothing' }],
  'another separator': [{}, { pathSeparator: '~' }],
  'methods overridden': [{ allowMethodOverride: true }],
  'no batches': [{ allowBatching: false }],
  'no batches, by the older option': [{ batching: { enabled: false } }],
  'Headers of responseMeta': [set(cookies)],
  'a record of responseMeta': [
    set({ 'x-a': ['1', '2'], 'set-cookie': ['a=1', 'b=2'], vary: 'x' }, 201),
  ],
  'a status of responseMeta': [set({}, 418)],
  'a status without a body': [set({ 'x-a': '1' }, 204)],
  'a status that is none': [set({}, 1_000)],
  'a responseMeta that throws': [
    {
      responseMeta: () => {
        throw new Error('The meta is broken.');
      },
    },
  ],
  'a context that throws': [{ createContext: () => Promise.reject(new Error('No context.')) }],
  'a context that refuses': [
    {
      createContext: ({ res }) => {
        res.setHeader('x-set', 'by the context');
        throw Object.assign(new Error('No.'), { name: 'TRPCError', code: 'UNAUTHORIZED' });
      },
    },
  ],
  'CORS in front': [
    {
      middleware: (req, res, next) => {
        res.setHeader('access-control-allow-origin', '*');
        res.setHeader('vary', 'origin');
        if (req.method === 'OPTIONS') res.writeHead(204).end();
        else next();
      },
    },
  ],
  'a middleware that fails': [{ middleware: (_req, _res, next) => next(new Error('In front.')) }],
};

describe.each(Object.entries(settings))('with %s', (setting, [handler, router]) => {
  test.each(Object.entries(setting === 'its defaults' ? all : fewer))(
    '%s get the answer of the standalone adapter, and tell the options the same',
    { timeout: 120_000 },
    async (_name, requests) => {
      await using adapters = await openBothAdapters(handler, router);
      for (const parts of requests) {
        // A formatter that throws leaves a subscription without its last event: nobody would hang up.
        if (router?.formats === 'nothing' && /ticks|seen/.test(parts.url)) continue;
        const [theirs, ours] = await adapters.observe(rawRequest(parts));
        expect({ ...parts, ...ours }).toEqual({ ...parts, ...theirs });
      }
    },
  );
});
