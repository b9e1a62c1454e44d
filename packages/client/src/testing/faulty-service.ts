import { createAppRouter, createRequestContext, type Scope } from '@throughline/api';
import { InMemoryCacheAdmin, InMemoryProducts } from '@throughline/api/testing';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';

/** A service without stores that lets everybody do everything, and to whose requests something can be made to happen. */
export interface FaultyService extends AsyncDisposable {
  readonly url: string;
  readonly products: InMemoryProducts;
  /** What befalls the requests to come in place of an answer, one each. */
  readonly faults: RequestListener[];
  readonly requests: ArrivedRequest[];
  /** Answers as if nothing had befallen the request. */
  readonly handle: RequestListener;
  /** Ends every connection, as a restart does. */
  cutAll(): void;
}

export interface ArrivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly atMs: number;
}

export async function startFaultyService(): Promise<FaultyService> {
  const products = new InMemoryProducts();
  const faults: RequestListener[] = [];
  const requests: ArrivedRequest[] = [];
  const scopes = new Set<Scope>(['catalog:read', 'catalog:write', 'cache:admin']);
  const handle = createHTTPHandler({
    router: createAppRouter({ products, admin: new InMemoryCacheAdmin(), status: notAsked }),
    createContext: async ({ req }) =>
      createRequestContext({
        auth: { kind: 'token', subject: 'someone', scopes, expiresAtMs: Infinity },
        publicReads: true,
        timing: { cacheMs: 0, databaseMs: 0 },
        idempotencyKey: req.headers['idempotency-key']?.toString(),
        takesStream: req.headers['trpc-accept'] === 'application/jsonl',
      }),
  });
  const server = createServer((req, res) => {
    requests.push({ path: req.url ?? '', headers: req.headers, atMs: performance.now() });
    const fault = faults.shift() ?? handle;
    fault(req, res);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    products,
    faults,
    requests,
    handle,
    cutAll: () => server.closeAllConnections(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A category with one product, of which there are none. */
export async function addProduct(products: InMemoryProducts): Promise<void> {
  await products.createCategory({ name: 'Tools', slug: 'tools' });
  const text = { sku: 'A', name: 'Hammer', description: '' };
  await products.create({ ...text, images: [], price: '1.00', stock: 0, categoryId: 1 });
  products.requests.length = 0;
}

export const cut: RequestListener = (req) => req.socket.destroy();

/** The answer breaks off, as when the process behind it is killed. */
export const breakOff: RequestListener = (req, res) => {
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 });
  res.write('{"result":', () => req.socket.destroy());
};

/** Nothing ever comes. */
export const hang: RequestListener = () => undefined;

export function answering(
  status: number,
  body = '',
  headers: Record<string, string> = {},
): RequestListener {
  return (_, res) => res.writeHead(status, headers).end(body);
}

/** The service's own word. */
export function refusing(
  serviceCode: string,
  details: Record<string, unknown> = {},
  httpStatus = 503,
): RequestListener {
  const data = { code: 'SERVICE_UNAVAILABLE', httpStatus, serviceCode, ...details };
  const error = { message: 'Later.', code: -32603, data };
  return answering(httpStatus, JSON.stringify({ error }), json);
}

export const json = { 'content-type': 'application/json' };

function notAsked(): never {
  throw new Error('The status is not asked for here.');
}
