import { connect } from 'node:net';
import { receive, type Visitor } from './crowd.ts';

/** What is sent over a connection of its own, and what it is to be held to. */
export interface Exchange {
  /** Groups inputs in the report. */
  readonly kind: string;
  readonly port: 'service' | 'operations';
  /** Come to the same port, and have left before anything of this is sent. */
  readonly before?: readonly Visitor[] | undefined;
  /** Each byte as one character. `<<name>>` stands for the token of that name. */
  readonly bytes: string;
  /**
   * `wait`: the server is to hang up. `linger`: the client says that it has no more once an answer begins, or after a
   * moment. `half-close`: it says so at once, which ends what is under way. `destroy`: it is gone.
   */
  readonly end: 'wait' | 'linger' | 'half-close' | 'destroy';
  /** Set where it is a request in good form, with so many calls. */
  readonly calls?: CallForm | undefined;
  /** Nothing in it may be answered with success. */
  readonly isForbidden?: boolean | undefined;
}

export interface CallForm {
  readonly procedures: readonly string[];
  readonly isBatch: boolean;
  readonly isStream: boolean;
}

export interface Exchanged {
  readonly bytes: Buffer;
  /** Whether the connection ended within the bound. */
  readonly isClosed: boolean;
  /** Whether it ended by a reset, which may take with it what was sent before. */
  readonly isReset: boolean;
}

/** Longer than any call takes on a machine that does much else. */
export const answerMsMax = 20_000;

/** Long enough for an answer to begin where there will be one. */
const lingerMs = 50;

/** A subscription ends with an error, or never: then once it has told all that there was. */
function isEndOfEvents(chunk: Buffer): boolean {
  return chunk.includes('event: serialized-error') || chunk.includes('data: {"type":"caught-up"}');
}

/** Sends bytes and takes what comes until the connection ends. */
export async function exchange(
  port: number,
  { bytes, end, before }: Pick<Exchange, 'bytes' | 'end' | 'before'>,
): Promise<Exchanged> {
  if (before !== undefined && !(await receive(port, before, answerMsMax))) {
    return { bytes: Buffer.alloc(0), isClosed: false, isReset: false };
  }
  const { promise, resolve } = Promise.withResolvers<Exchanged>();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  let isReset = false;
  const finish = (isClosed: boolean) => {
    clearTimeout(timer);
    clearTimeout(lingering);
    resolve({ bytes: Buffer.concat(chunks), isClosed, isReset });
  };
  const lingering = end === 'linger' ? setTimeout(() => socket.end(), lingerMs) : undefined;
  const timer = setTimeout(() => {
    socket.destroy();
    finish(false);
  }, answerMsMax);
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (isEndOfEvents(chunk)) socket.destroy();
    else if (end === 'linger') socket.end();
  });
  socket.on('end', () => socket.end());
  socket.on('error', () => {
    isReset = true;
  });
  socket.on('close', () => finish(true));
  socket.write(Buffer.from(bytes, 'latin1'), () => {
    if (end === 'destroy') socket.destroy();
  });
  if (end === 'half-close') socket.end();
  return promise;
}
