import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';

/** What is served that is no call. */
export interface Pages {
  /** Undefined where a request asks for no page and nothing that a page loads. */
  find(req: IncomingMessage): Page | undefined;
}

/** A page, or what it loads. */
export interface Page {
  /** Answers the request that it was found for, with `headers` too. */
  send(req: IncomingMessage, res: ServerResponse, headers: FlatHeaders): void;
}

/** Name after value. */
type FlatHeaders = readonly string[];

/**
 * The built console, read once and answered from memory: no request opens a file, names one or waits for one, and a build
 * under a running process changes nothing of what it serves. Libraries for this read each file anew for each request.
 *
 * Whatever a browser opens that is no file is the page: which view a path means, the console decides.
 */
export class ConsolePages implements Pages {
  readonly #files: ReadonlyMap<string, ConsoleFile>;
  readonly #page: ConsoleFile;

  private constructor(files: ReadonlyMap<string, ConsoleFile>, page: ConsoleFile) {
    this.#files = files;
    this.#page = page;
  }

  /** Pages that say how to build the console, where there is none. */
  static async load(directory: string): Promise<Pages> {
    const files = await readFiles(directory);
    const page = files.get('/index.html');
    return page === undefined ? unbuiltConsole : new ConsolePages(files, page);
  }

  find(req: IncomingMessage): Page | undefined {
    if (!isReading(req)) return undefined;
    const pathname = pathnameOf(req);
    if (pathname === '/') return this.#page;
    const file = this.#files.get(pathname);
    // A file of another release is no page, whoever asks.
    return file ?? (isOpened(req) && !pathname.startsWith(hashedPath) ? this.#page : undefined);
  }
}

const unbuiltConsole: Pages = {
  find: (req) => (isReading(req) && pathnameOf(req) === '/' ? unbuiltPage : undefined),
};

const unbuiltPage: Page = {
  send(_, res, headers) {
    const text = 'The console is not built: npm run build --workspace apps/console\n';
    const head = ['content-type', 'text/plain; charset=utf-8', 'cache-control', 'no-store'];
    res.writeHead(404, [...head, ...lengthOf(text), ...headers]).end(text);
  },
};

/** One file, as it is and as it was compressed when it was built. */
class ConsoleFile implements Page {
  /** Best first; the file as it is, is always there. */
  readonly #variants: ReadonlyMap<Encoding, Variant>;

  constructor(variants: ReadonlyMap<Encoding, Variant>) {
    this.#variants = variants;
  }

  send(req: IncomingMessage, res: ServerResponse, headers: FlatHeaders): void {
    const { head, bytes, tag } = variantFor(this.#variants, req.headers['accept-encoding']);
    if (isKnown(tag, req.headers['if-none-match'])) res.writeHead(304, [...head, ...headers]).end();
    else res.writeHead(200, [...head, ...lengthOf(bytes), ...headers]).end(bytes);
  }
}

type Encoding = 'br' | 'gzip' | 'identity';

interface Variant {
  readonly bytes: Buffer;
  readonly tag: string;
  readonly head: FlatHeaders;
}

/** Best first. */
const encodings: readonly { readonly encoding: Encoding; readonly suffix: string }[] = [
  { encoding: 'br', suffix: '.br' },
  { encoding: 'gzip', suffix: '.gz' },
  { encoding: 'identity', suffix: '' },
];

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The names of these files hold a hash of what is in them. */
const hashedPath = '/assets/';

/** By their paths in the URL; what no browser is sent is left out. */
async function readFiles(directory: string): Promise<ReadonlyMap<string, ConsoleFile>> {
  if (!existsSync(directory)) return new Map();
  const names = await readdir(directory, { recursive: true });
  const files = new Map<string, ConsoleFile>();
  for (const name of names.filter((one) => path.extname(one) in contentTypes)) {
    const pathname = `/${name.split(path.sep).join('/')}`;
    const variants = encodings.filter(({ suffix }) => names.includes(name + suffix));
    files.set(
      pathname,
      new ConsoleFile(
        new Map(
          await Promise.all(
            variants.map(async ({ encoding, suffix }) => {
              const bytes = await readFile(path.join(directory, name + suffix));
              return [encoding, variantOf(pathname, encoding, bytes)] as const;
            }),
          ),
        ),
      ),
    );
  }
  return files;
}

function variantOf(pathname: string, encoding: Encoding, bytes: Buffer): Variant {
  const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  const isHashed = pathname.startsWith(hashedPath);
  const head = [
    ['content-type', contentTypes[path.extname(pathname)] ?? ''],
    ['cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache'],
    ['etag', tag],
    ['vary', 'accept-encoding'],
    ...(encoding === 'identity' ? [] : [['content-encoding', encoding]]),
  ];
  return { bytes, tag, head: head.flat() };
}

/** Whoever names no encoding gets the file as it is; the file as it is, is always there. */
function variantFor(variants: ReadonlyMap<Encoding, Variant>, accepted = ''): Variant {
  const offers = accepted.split(',').map((offer) => offer.trim().toLowerCase());
  const isTaken = (encoding: Encoding) =>
    offers.some((offer) => offer.split(';')[0] === encoding && !/;\s*q=0(\.0*)?$/.test(offer));
  for (const [encoding, variant] of variants) {
    if (encoding === 'identity' || isTaken(encoding)) return variant;
  }
  throw new Error('A file of the console has no variant that everybody takes.');
}

function isReading({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Whether it is a page that somebody opens, and nothing that a program or a page asks for. */
function isOpened({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes('text/html') === true;
}

function isKnown(tag: string, known = ''): boolean {
  return known.split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
}

function pathnameOf({ url = '' }: IncomingMessage): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

function lengthOf(body: Buffer | string): FlatHeaders {
  return ['content-length', String(Buffer.byteLength(body))];
}
