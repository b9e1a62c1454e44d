import type { Logger, Metrics } from '@throughline/telemetry';
import type { RequestListener, ServerResponse } from 'node:http';
import { sendJson, sendRequestError } from './json-response.ts';
import type { Readiness } from './readiness.ts';

export interface OperationsListenerOptions {
  readonly metrics: Pick<Metrics, 'expose'>;
  readonly readiness: Pick<Readiness, 'reasonAgainst'>;
  readonly logger: Logger;
}

/** Serves those who run the service: metrics and health, on a port that is not public. */
export function createOperationsListener(options: OperationsListenerOptions): RequestListener {
  const { metrics, readiness, logger } = options;
  const answers: Readonly<Record<string, (res: ServerResponse) => Promise<void>>> = {
    '/metrics': async (res) => {
      const { contentType, text } = await metrics.expose();
      res.writeHead(200, { 'content-type': contentType });
      res.end(text);
    },
    '/health/live': async (res) => sendJson(res, 200, { status: 'live' }),
    '/health/ready': async (res) => {
      const reason = await readiness.reasonAgainst();
      if (reason === null) sendJson(res, 200, { status: 'ready' });
      else sendJson(res, 503, { status: 'not ready', reason });
    },
  };

  return (req, res) => {
    const [path = ''] = (req.url ?? '').split('?', 1);
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    if (!answer) return sendRequestError(res, 'PATH_NOT_FOUND');
    if (req.method !== 'GET') {
      res.setHeader('allow', 'GET');
      return sendRequestError(res, 'METHOD_UNSUPPORTED');
    }
    answer(res).catch((err: unknown) => {
      logger.error({ err, path }, 'failed');
      sendRequestError(res, 'INTERNAL');
    });
  };
}
