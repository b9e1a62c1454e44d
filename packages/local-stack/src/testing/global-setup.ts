import type { TestProject } from 'vitest/node';
import { startLocalStack, type LocalStack } from '../local-stack.ts';
import type { ProvidedStack } from './provided-stack.ts';

let stack: LocalStack | undefined;

/** Vitest calls this once for a run, before any worker starts. */
export async function setup(project: TestProject): Promise<void> {
  stack = await startLocalStack({ temporary: true });
  const { databaseUrl, redisUrl } = stack;
  const provided: ProvidedStack = { databaseUrl, redisUrl };
  project.provide('localStack', provided);
}

export async function teardown(): Promise<void> {
  await stack?.[Symbol.asyncDispose]();
}
