import { createServer, type ServerResponse } from 'node:http';
import { serverEnvironment, type ServerEnvironment } from '../servers/environment.ts';
import { sayReady } from '../servers/ready.ts';
import { reportItself } from '../servers/self-report.ts';

/** Values that are read, of 1 KB as JSON. */
export interface EngineValue {
  readonly id: number;
  readonly text: string;
}

/** So many keys are read. */
export const keyCount = 1_000;
/** So many reads at once. */
const concurrency = 64;
const textLength = 1_000;
const loopsBetweenClocks = 32;
/** Before any is measured. It takes some 50,000 until the compiler is done with all that a read runs through. */
const warmReads = 100_000;

export function valueOf(id: number): EngineValue {
  return { id, text: `value ${id} `.repeat(textLength).slice(0, textLength) };
}

export type Read = (id: number) => Promise<EngineValue>;

/** What a run of reads took. */
export interface EngineRun {
  readonly reads: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Reads as fast as it can whenever it is asked to, in this process and without HTTP between. */
export async function serveEngine(
  open: (environment: ServerEnvironment) => Promise<Read>,
): Promise<void> {
  const environment = serverEnvironment();
  const read = await open(environment);
  // Whatever it keeps has been read once.
  for (let id = 1; id <= keyCount; id += 1) await read(id);
  await run(read, (reads) => reads >= warmReads);
  await reportItself(environment.METRICS_PORT, () => ({}));
  createServer((req, res) => {
    const seconds = Number(new URL(req.url ?? '/', 'http://bench').searchParams.get('seconds'));
    const endMs = performance.now() + seconds * 1000;
    void answer(res, async () => run(read, () => performance.now() >= endMs));
  }).listen(environment.PORT, '127.0.0.1', sayReady);
}

async function answer(res: ServerResponse, work: () => Promise<EngineRun>): Promise<void> {
  try {
    res.end(JSON.stringify(await work()));
  } catch (err) {
    res.writeHead(500).end(String(err));
  }
}

async function run(read: Read, isOver: (reads: number) => boolean): Promise<EngineRun> {
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  let reads = 0;
  const readUntilEnd = async (): Promise<void> => {
    do {
      for (let loop = 0; loop < loopsBetweenClocks; loop += 1) {
        const id = 1 + Math.floor(Math.random() * keyCount);
        const value = await read(id);
        if (value.id !== id) throw new Error(`Asked for ${id} and got ${value.id}.`);
      }
      reads += loopsBetweenClocks;
    } while (!isOver(reads));
  };
  await Promise.all(Array.from({ length: concurrency }, readUntilEnd));
  const { user, system } = process.cpuUsage(cpu);
  return {
    reads,
    seconds: (performance.now() - beganMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
  };
}
