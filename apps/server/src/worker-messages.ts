import type { MetricSnapshot } from '@throughline/telemetry';
import { z } from 'zod';
import type { UnreadyReason } from './readiness.ts';

/** What the supervisor asks of a worker. `retire` is answered when its clients have left it, or were given time to. */
export type Question = 'metrics' | 'readiness' | 'retire';

export interface Answers {
  readonly metrics: MetricSnapshot;
  readonly readiness: UnreadyReason | 'ready';
  readonly retire: 'retired';
}

// Both ends are of one release, and a snapshot has thousands of samples: its shape is not looked into.
const snapshot = z.custom<MetricSnapshot>((value) => Array.isArray(value));

/**
 * `connection`: comes with one, to be served. `delivered`: comes after each, and tells the worker nothing; that it could be
 * sent tells the supervisor that the connection has come.
 */
export const supervisorMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('connection') }),
  z.object({ kind: z.literal('delivered') }),
  z.object({
    kind: z.literal('question'),
    number: z.int(),
    question: z.enum(['metrics', 'readiness', 'retire']),
  }),
]);

/** `leaving`: it was told to stop. `last`: what it has counted when it ends, and nothing comes after it. */
export const workerMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('leaving') }),
  z.object({ kind: z.literal('last'), snapshot }),
  z.object({ kind: z.literal('answer'), number: z.int(), answer: z.unknown() }),
]);

export type WorkerMessage = z.infer<typeof workerMessageSchema>;
export type SupervisorMessage = z.infer<typeof supervisorMessageSchema>;

const reasons = ['starting', 'stopping', 'database unreachable', 'no worker answers'] as const;

/** How each answer is recognized among what a process may send. */
export const answerSchemas: { readonly [Asked in Question]: z.ZodType<Answers[Asked]> } = {
  metrics: snapshot,
  readiness: z.enum(['ready', ...reasons]),
  retire: z.literal('retired'),
};
