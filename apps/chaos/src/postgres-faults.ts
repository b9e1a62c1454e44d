import { setTimeout as delay } from 'node:timers/promises';
import { type Fault, longMs } from './fault.ts';

/** What happens to PostgreSQL, and on the way there. */
export const postgresFaults = {
  'PostgreSQL backends terminated': {
    breaks: ['postgres'],
    happen: async ({ bed }) => {
      for (let times = 0; times < 3; times += 1) {
        await bed.trail.terminateBackends();
        await delay(500);
      }
    },
  },
  'a PostgreSQL backend crashed, and so all of them': {
    breaks: ['postgres'],
    happen: async ({ bed, random }) => {
      const backends = await bed.trail.backends();
      if (backends.length > 0) process.kill(random.pick(backends), 'SIGKILL');
      await delay(longMs);
    },
  },
  'PostgreSQL killed and restarted': {
    breaks: ['postgres'],
    happen: async ({ bed, random }) => {
      await bed.postgres.kill();
      await delay(random.between(0, 2_000));
      await bed.postgres.restart();
      await delay(1_000);
    },
  },
  'PostgreSQL shut down at once and restarted': {
    breaks: ['postgres'],
    happen: async ({ bed, random }) => {
      process.kill(bed.postgres.pid, 'SIGQUIT');
      await delay(random.between(100, 1_000));
      await bed.postgres.restart();
      await delay(1_000);
    },
  },
  'connections to PostgreSQL reset': {
    breaks: ['postgres link'],
    happen: async ({ bed }) => {
      for (let times = 0; times < 5; times += 1) {
        for (const { toPostgres } of bed.members) toPostgres.reset();
        await delay(300);
      }
    },
  },
  'one process cut off from PostgreSQL': {
    breaks: ['postgres link'],
    happen: async ({ member }) => {
      member.toPostgres.set('refuse');
      await delay(longMs);
    },
  },
  'one process in a black hole before PostgreSQL': {
    breaks: ['postgres link'],
    happen: async ({ member }) => {
      member.toPostgres.set('swallow');
      await delay(longMs);
    },
  },
  'messages of one process to PostgreSQL held back': {
    breaks: ['postgres link'],
    happen: async ({ member }) => {
      member.toPostgres.set('stall');
      await delay(longMs);
    },
  },
  'messages of one process to PostgreSQL late and out of order': {
    breaks: ['postgres link'],
    happen: async ({ member, random }) => {
      member.toPostgres.delay(random.between(20, 300));
      await delay(longMs);
    },
  },
  'connections of one process to PostgreSQL half-closed, told to the process': {
    breaks: ['postgres link'],
    happen: async ({ member }) => {
      member.toPostgres.halfClose('client');
      await delay(longMs);
    },
  },
  'connections of one process to PostgreSQL half-closed, told to PostgreSQL': {
    breaks: ['postgres link'],
    happen: async ({ member }) => {
      member.toPostgres.halfClose('server');
      await delay(longMs);
    },
  },
  'answers to COMMIT lost': {
    breaks: ['postgres link'],
    happen: async ({ member }) => {
      member.toPostgres.loseCommits();
      await delay(longMs);
    },
  },
} as const satisfies Record<string, Fault>;
