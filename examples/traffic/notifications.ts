import { createServer, type IncomingMessage } from 'node:http';
import { env } from 'node:process';
import { text } from 'node:stream/consumers';

/** Prints what Alertmanager sends, each receiver at a path of its name: the place of a pager and of a ticket system. */
const host = env['HOST'] ?? '127.0.0.1';
const port = 9095;

createServer((req, res) => {
  print(req)
    .then(() => res.end())
    .catch((err: unknown) => {
      console.error(err);
      res.destroy();
    });
}).listen(port, host);

async function print(req: IncomingMessage): Promise<void> {
  console.log(`${new Date().toISOString()} ${req.url ?? '/'} ${await text(req)}`);
}
