import { createServer } from 'node:http';
import { createClient, RESP_TYPES } from 'redis';
import { answerKey } from '../stored-answers.ts';
import { serverEnvironment } from './environment.ts';
import { sayReady } from './ready.ts';
import { reportItself } from './self-report.ts';

// The limit of a cached read in Node: one GET for one request, its bytes passed through, and nothing else.
const { PORT, METRICS_PORT, REDIS_URL } = serverEnvironment();
const client = createClient({ url: REDIS_URL });
await client.connect();
const redis = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
const idInQuery = /%22id%22%3A(\d+)/;

await reportItself(METRICS_PORT, () => ({}));
createServer((req, res) => {
  const id = Number(idInQuery.exec(req.url ?? '')?.[1]);
  redis.get(answerKey(id)).then(
    (bytes) => {
      if (bytes === null) return res.writeHead(404).end();
      const headers = { 'content-type': 'application/json', 'content-length': bytes.length };
      return res.writeHead(200, headers).end(bytes);
    },
    () => res.writeHead(500).end(),
  );
}).listen(PORT, '127.0.0.1', sayReady);
