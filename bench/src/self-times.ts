import { z } from 'zod';

/** A CPU profile as V8 gives it. */
export const cpuProfileSchema = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});
export type CpuProfile = z.infer<typeof cpuProfileSchema>;

export interface SelfTime {
  readonly name: string;
  readonly place: string;
  /** Of the time in which the process was busy. */
  readonly share: number;
}

/**
 * The functions in which most time went, without what they called; files of the repository are named from its root.
 * Waiting is not time spent, and the profiler's own belongs to nobody.
 */
export function selfTimes(
  { nodes, samples, timeDeltas }: CpuProfile,
  { count, rootUrl }: { readonly count: number; readonly rootUrl: string },
): SelfTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, { name: string; place: string; micros: number }>();
  let busyMicros = 0;
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    const micros = timeDeltas[index] ?? 0;
    if (frame === undefined || frame.functionName === '(idle)') continue;
    if (frame.url === 'node:inspector') continue;
    busyMicros += micros;
    const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
    const place = placeOf(frame.url.replace(rootUrl, ''), frame.lineNumber);
    const key = `${name} ${place}`;
    const known = times.get(key) ?? { name, place, micros: 0 };
    known.micros += micros;
    times.set(key, known);
  }
  return [...times.values()]
    .sort((a, b) => b.micros - a.micros)
    .slice(0, count)
    .map(({ name, place, micros }) => ({ name, place, share: micros / busyMicros }));
}

/** The file within its package or the repository, not within this machine. */
function placeOf(url: string, lineNumber: number): string {
  if (url === '') return 'V8 and Node, in C++';
  const [file] = url.replace(/^.*node_modules\//, '').split('?');
  return `${file}:${lineNumber + 1}`;
}
