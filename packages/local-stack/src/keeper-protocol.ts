/** What a keeper is told on its command line. */
export interface KeeperOptions {
  /** the server's directory; the keeper locks it and writes `server.pid` and `server.log` there */
  readonly directory: string;
  /** the process on whose behalf it runs; named to whoever wants the same directory */
  readonly holderPid: number;
  /** the server's signal for a stop after which nothing is lost (or quick, if all is thrown away) */
  readonly stopSignal: NodeJS.Signals;
  /** delete the directory in the end */
  readonly temporary: boolean;
}

/** How to start a server. */
export interface ServerCommand {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** what the server prints when it takes connections */
  readonly readyText: string;
  /** for a server that prints it too early: what it answers with 2xx once it is ready */
  readonly readyUrl?: string | undefined;
  readonly account?: { readonly uid: number; readonly gid: number } | undefined;
}

export type KeeperRequest =
  | { readonly id: number; readonly type: 'claim' }
  | { readonly id: number; readonly type: 'start'; readonly command: ServerCommand }
  | { readonly id: number; readonly type: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly id: number; readonly type: 'stop'; readonly signal: NodeJS.Signals };

/** Every request gets one answer under its id. */
export type KeeperAnswer =
  | { readonly id: number; readonly outcome: 'done' }
  | { readonly id: number; readonly outcome: 'held'; readonly holderPid: number }
  | { readonly id: number; readonly outcome: 'ready'; readonly pid: number }
  | { readonly id: number; readonly outcome: 'failed'; readonly log: string };
