import { connect, type Socket } from 'node:net';

/** What came back for one request. Of an answer that is 200 no text is kept. */
export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** Told once for each request: with the answer, or with undefined where the connection ended instead. */
export type OnAnswer = (answer: RawAnswer | undefined) => void;

const headEnd = '\r\n\r\n';
const lastChunk = Buffer.from('0\r\n\r\n');

/**
 * A kept connection of HTTP that asks one thing at a time, and reads of an answer no more than its status and where it ends: a
 * client that is dearer than a refusal could not offer more load than the service can refuse. It connects again when it was closed.
 */
export class RawConnection implements Disposable {
  readonly #port: number;
  #socket: Socket | undefined;
  #onAnswer: OnAnswer | undefined;
  #status = 0;
  /** Bytes of the body that are to come; undefined where it comes in chunks. */
  #missingBytes: number | undefined;
  #text = '';

  constructor(port: number) {
    this.#port = port;
  }

  /** One request at a time: not before the answer to the one before was told. */
  ask(request: string, onAnswer: OnAnswer): void {
    this.#onAnswer = onAnswer;
    this.#socket ??= this.#connect();
    this.#socket.write(request, 'latin1');
  }

  [Symbol.dispose](): void {
    this.#socket?.destroy();
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#end(undefined);
    });
    return socket;
  }

  #read(bytes: Buffer): void {
    const body = this.#status === 0 ? this.#readHead(bytes) : bytes;
    if (this.#status !== 200) this.#text += body.toString('latin1');
    if (this.#missingBytes === undefined) {
      if (!body.subarray(-lastChunk.length).equals(lastChunk)) return;
    } else {
      this.#missingBytes -= body.length;
      if (this.#missingBytes > 0) return;
    }
    const answer = { status: this.#status, text: this.#text };
    this.#status = 0;
    this.#text = '';
    this.#end(answer);
  }

  /** A head comes in one piece: it is written at once, and small. */
  #readHead(bytes: Buffer): Buffer {
    const end = bytes.indexOf(headEnd);
    if (end === -1) throw new Error('The head of an answer came in several pieces.');
    const head = bytes.toString('latin1', 0, end).toLowerCase();
    this.#status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
    this.#missingBytes = length === undefined ? undefined : Number(length);
    return bytes.subarray(end + headEnd.length);
  }

  #end(answer: RawAnswer | undefined): void {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = undefined;
    onAnswer?.(answer);
  }
}
