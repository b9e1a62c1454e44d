import { once } from 'node:events';
import { connect } from 'node:net';

/** A stopped server takes connections and answers nothing. */
const silenceMs = 5_000;

/** Comes back after the reply; a Sentinel knows PING and not QUIT. */
const last = 'that-was-the-reply';
const lastReply = `$${String(last.length)}\r\n${last}\r\n`;

/** Sends one inline command on a connection of its own and returns the raw reply. */
export async function redisCommand(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.setEncoding('utf8');
  let reply = '';
  socket.on('data', (text: string) => {
    reply += text;
    if (reply.endsWith(lastReply)) socket.end();
  });
  socket.setTimeout(silenceMs, () => {
    socket.destroy(new Error(`${url} does not answer ${command}.`));
  });
  socket.write(`${command}\r\nPING ${last}\r\n`);
  await once(socket, 'close');
  if (!reply.endsWith(lastReply)) throw new Error(`${url} hung up during ${command}.`);
  return reply.slice(0, -lastReply.length);
}

/** The same, but an error that the server answers is thrown. */
export async function redisOrder(url: string, command: string): Promise<string> {
  const reply = await redisCommand(url, command);
  if (reply.startsWith('-')) throw new Error(`${url} refuses ${command}: ${reply.slice(1).trim()}`);
  return reply;
}

/** The random name a Redis process gives itself when it starts. */
export async function redisRunId(url: string): Promise<string> {
  const info = await redisCommand(url, 'INFO server');
  return /run_id:(\w+)/.exec(info)?.[1] ?? '';
}
