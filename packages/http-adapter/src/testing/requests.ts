/** The bytes of one request, each as one character, with a body in UTF-8. */
export interface RequestParts {
  readonly method?: string;
  readonly url: string;
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
}

export function rawRequest({ method = 'GET', url, headers = [], body }: RequestParts): Buffer {
  const hasHost = headers.some((line) => /^host:/i.test(line));
  const isFramed = headers.some((line) => /^(content-length|transfer-encoding):/i.test(line));
  const bytes = Buffer.from(body ?? '');
  const lines = [
    `${method} ${url} HTTP/1.1`,
    ...(hasHost ? [] : ['host: localhost']),
    'connection: close',
    ...headers,
    ...(body === undefined || isFramed ? [] : [`content-length: ${bytes.length}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]);
}

export const json = 'content-type: application/json';

export function post(url: string, body: string | Uint8Array, ...headers: string[]): RequestParts {
  return { method: 'POST', url, body, headers: [json, ...headers] };
}

export function inputOf(value: unknown): string {
  return encodeURIComponent(JSON.stringify(value));
}

/** A batch in a GET. */
export function batchOf(paths: readonly string[], inputs: unknown = {}): string {
  return `/api/${paths.join(',')}?batch=1&input=${inputOf(inputs)}`;
}
