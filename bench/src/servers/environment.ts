import { z } from 'zod';

/** What a program of the bench is started with. */
const environmentSchema = z.object({
  DATABASE_URL: z.string().default(''),
  REDIS_URL: z.string().default(''),
  PORT: z.coerce.number().int(),
  METRICS_PORT: z.coerce.number().int(),
  /** Where a profile of the CPU is left. */
  BENCH_PROFILE_FILE: z.string().default(''),
});

export type ServerEnvironment = z.infer<typeof environmentSchema>;

/** The one place where a program of the bench reads its environment. */
export function serverEnvironment(): ServerEnvironment {
  return environmentSchema.parse(process.env);
}
