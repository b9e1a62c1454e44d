import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  startsAt: z.iso.datetime({ offset: true }),
  endsAt: z.iso.datetime({ offset: true }),
});
const webhookSchema = z.object({
  receiver: z.string(),
  status: z.enum(['firing', 'resolved']),
  alerts: z.array(alertSchema),
});

/** An alert as Alertmanager tells of it. */
export type NotifiedAlert = z.infer<typeof alertSchema>;

/** What Alertmanager sent once: to which receiver, and the alerts of one group. */
export interface Notification extends z.infer<typeof webhookSchema> {
  /** when it arrived, in Unix time */
  readonly atMs: number;
}

/** Stands for the pager and the ticket system: takes what Alertmanager sends, and keeps all of it. */
export class NotificationReceiver implements AsyncDisposable {
  readonly #server: Server;
  readonly #received: Notification[] = [];
  readonly #tell: (notification: Notification) => void;

  private constructor(tell: (notification: Notification) => void) {
    this.#tell = tell;
    this.#server = createServer((request, response) => {
      this.#receive(request).then(
        () => response.end(),
        () => response.writeHead(400).end(),
      );
    });
  }

  /** Listens on the port, or on a free one; `tell` hears of each notification. */
  static async open(options: {
    readonly port?: number | undefined;
    readonly tell?: ((notification: Notification) => void) | undefined;
  }): Promise<NotificationReceiver> {
    const receiver = new NotificationReceiver(options.tell ?? (() => {}));
    receiver.#server.listen(options.port ?? 0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  /** Where Alertmanager sends to; the name of the receiver is added. */
  get url(): string {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return `http://127.0.0.1:${String(port)}/`;
  }

  /** Everything so far, the oldest first. */
  get received(): readonly Notification[] {
    return [...this.#received];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #receive(request: IncomingMessage): Promise<void> {
    const notification = { ...webhookSchema.parse(await json(request)), atMs: Date.now() };
    this.#received.push(notification);
    this.#tell(notification);
  }
}
