import { createServer } from 'node:http';
import { serverEnvironment } from './environment.ts';
import { sayReady } from './ready.ts';

// Takes spans of all and forgets them, in a process of its own so that nobody measured pays for it.
createServer((req, res) => {
  req.resume();
  req.once('end', () => res.setHeader('content-type', 'application/x-protobuf').end());
}).listen(serverEnvironment().PORT, '127.0.0.1', sayReady);
