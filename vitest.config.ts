import path from 'node:path';
import process from 'node:process';
import { defineConfig } from 'vitest/config';

// Tests start hundreds of service processes: half of what a start takes is the compilation of one and the same code.
process.env['NODE_COMPILE_CACHE'] = path.join(import.meta.dirname, '.local/compile-cache');

/**
 * Two projects: `unit` needs nothing but Node; `integration` gets a real PostgreSQL and a real Redis
 * from packages/local-stack, started once for the run.
 */
export default defineConfig({
  test: {
    // More than one core leaves: most of the time of the longest files is spent waiting.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{{apps,packages}/*,bench}/src/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['{{apps,packages}/*,bench}/src/**/*.integration.test.ts'],
          globalSetup: [
            'packages/local-stack/src/testing/global-setup.ts',
            'apps/console/src/testing/build-console.ts',
          ],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
