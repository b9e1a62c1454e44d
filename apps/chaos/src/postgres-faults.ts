import { setTimeout as delay } from 'node:timers/promises';
import type { FaultProxy } from './fault-proxy.ts';
import { type Fault, longMs } from './fault.ts';
import type { Random } from './random.ts';

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
  'one process cut off from PostgreSQL': onTheWay((link) => link.set('refuse')),
  'one process in a black hole before PostgreSQL': onTheWay((link) => link.set('swallow')),
  'messages of one process to PostgreSQL held back': onTheWay((link) => link.set('stall')),
  'messages of one process to PostgreSQL late and out of order': onTheWay((link, random) =>
    link.delay(random.between(20, 300)),
  ),
  'connections of one process to PostgreSQL half-closed, told to the process': onTheWay((link) =>
    link.halfClose('client'),
  ),
  'connections of one process to PostgreSQL half-closed, told to PostgreSQL': onTheWay((link) =>
    link.halfClose('server'),
  ),
  'answers to COMMIT lost': onTheWay((link) => link.loseCommits()),
} as const satisfies Record<string, Fault>;

/** Healed when it ends: a process that is started meanwhile waits for it. */
function onTheWay(disturb: (link: FaultProxy, random: Random) => void): Fault {
  return {
    breaks: ['postgres link'],
    happen: async ({ member, random }) => {
      disturb(member.toPostgres, random);
      await delay(longMs);
      member.toPostgres.heal();
    },
  };
}
