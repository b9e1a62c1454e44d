import { PgConnectionPool } from '@throughline/write-through/postgres';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSequelize } from './models/open-sequelize.ts';
import { SequelizePool } from './sequelize-pool.ts';

let server: Server;
let databaseUrl: string;

beforeEach(async () => {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(greetingAndEnd()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  databaseUrl = `postgres://user@127.0.0.1:${typeof address === 'object' ? address?.port : ''}/shop`;
});

afterEach(() => void server.close());

test('a process outlives a server that ends a connection of a pool in the packet that opens it', async () => {
  await using pool = new PgConnectionPool({ databaseUrl, connectionsMax: 1 });
  await expect(ask(pool)).rejects.toThrow(/terminat|closed|not queryable/i);
});

test('a process outlives the same on a connection of Sequelize', async () => {
  const sequelize = openSequelize({ databaseUrl, poolMax: 1 });
  await expect(ask(new SequelizePool(sequelize))).rejects.toThrow(/terminat|closed|not queryable/i);
  await sequelize.close();
});

async function ask(pool: Pick<PgConnectionPool, 'acquire' | 'release'>): Promise<unknown> {
  const connection = await pool.acquire();
  try {
    return await connection.query({ text: 'SELECT 1' });
  } finally {
    await pool.release(connection, 'broken');
  }
}

/** AuthenticationOk, ReadyForQuery and a FATAL ErrorResponse, as of an administrator's command. */
function greetingAndEnd(): Buffer {
  const fields = 'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0';
  return Buffer.concat([
    message('R', Buffer.from([0, 0, 0, 0])),
    message('Z', Buffer.from('I')),
    message('E', Buffer.from(fields)),
  ]);
}

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}
