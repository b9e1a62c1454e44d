import { randomBytes } from 'node:crypto';
import { MetricsPage } from './metrics-page.ts';

export interface ServiceAddress {
  /** of tRPC, such as `http://127.0.0.1:3000/trpc` */
  readonly url: string;
  /** of the port for operators, such as `http://127.0.0.1:9464` */
  readonly metricsUrl: string;
  /** Needed where reads are not public. */
  readonly token?: string | undefined;
}

/** A call that the doctor made, within a trace that it began. */
export interface Visit {
  readonly traceId: string;
  readonly status: number;
  /** of the answer */
  readonly traceparent: string | undefined;
}

const timeoutMs = 5_000;

/** The service as its callers and its Prometheus see it. All of it throws where the service cannot be reached. */
export class VisitedService {
  readonly #address: ServiceAddress;

  constructor(address: ServiceAddress) {
    this.#address = address;
  }

  async readiness(): Promise<{ readonly status: number; readonly text: string }> {
    const response = await get(`${this.#address.metricsUrl}/health/ready`);
    return { status: response.status, text: await response.text() };
  }

  async metrics(): Promise<MetricsPage> {
    const response = await get(`${this.#address.metricsUrl}/metrics`);
    return new MetricsPage(response.headers.get('content-type') ?? '', await response.text());
  }

  /** Reads a product; nobody minds whether there is one. An id of 0 is refused. */
  async readProduct(id: number, traceId = newTraceId()): Promise<Visit> {
    const { url, token } = this.#address;
    const input = encodeURIComponent(JSON.stringify({ id }));
    const response = await get(`${url}/product.byId?input=${input}`, {
      traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    });
    await response.text();
    const traceparent = response.headers.get('traceparent') ?? undefined;
    return { traceId, status: response.status, traceparent };
  }
}

function newTraceId(): string {
  return randomBytes(16).toString('hex');
}

async function get(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
}
