import { rowBeforeLock } from './broken-ports.ts';
import { halfGuarded, unguarded } from './broken-rules.ts';
import { type Control, part, slow } from './control.ts';

/** Every broken variant that goes wrong when Redis forgets or remembers too much. */
export const controlsOfEpochs: readonly Control[] = [
  {
    name: 'no epoch, Redis flushed',
    variant: { rules: unguarded },
    parts: [part(0, 'write'), part(1, 'read', 'read')],
    faults: [slow('commit', 1, 15)],
    events: [{ what: 'Redis is flushed', turns: 10 }],
  },
  {
    name: 'no epoch, failover to a lagging replica',
    variant: { rules: unguarded },
    parts: [part(0, 'read', 'write'), part(1, 'read')],
    events: [
      { what: 'the replica catches up', turns: 10 },
      { what: 'the replica takes over', turns: 30 },
    ],
  },
  {
    name: 'INTEND, PUBLISH and reads ignore the mark',
    variant: { rules: halfGuarded },
    parts: [part(0, 'write'), part(1, 'write')],
    faults: [slow('query', 1, 10)],
    events: [{ what: 'Redis is flushed', turns: 4 }],
  },
  {
    name: 'bypass left without the exclusive lock',
    variant: { activatesWithoutLock: true },
    keepersBegin: 'bypass',
    parts: [part(0, 'write'), part(1, 'read', 'read', 'read')],
    faults: [slow('commit', 1, 40)],
  },
  {
    name: 'epoch row read before its lock',
    variant: { ports: rowBeforeLock },
    keepersBegin: 'bypass',
    parts: [part(0, 'write'), part(1, 'read', 'read', 'read')],
    faults: [slow('begin', 1, 25), slow('commit', 1, 25)],
  },
  {
    name: 'trust lease not checked, split brain',
    variant: { limits: { clockDriftRatio: Number.NEGATIVE_INFINITY } },
    keepersBegin: 'active',
    clockTurns: 15,
    parts: [part(0, ...reads(20)), part(1, ...reads(8), 'write')],
    events: [
      { what: 'the replica catches up', turns: 5 },
      { what: 'A loses PostgreSQL', turns: 14 },
      { what: 'B finds the replica', turns: 14 },
    ],
  },
];

function reads(count: number): 'read'[] {
  return Array.from({ length: count }, () => 'read');
}
