import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { answerTable, growthTable, runLine, writeSoak } from './soak-report.ts';
import { faultsOf, soak } from './soak.ts';

/** `npm run soak`: exits with 1 if something grows that should not, or a call was answered otherwise than it should be. */
const { values } = parseArgs({
  options: {
    calls: { type: 'string' },
    minutes: { type: 'string' },
    products: { type: 'string', default: '5000' },
    connections: { type: 'string', default: '48' },
    'collect-ms': { type: 'string', default: '5000' },
    'sample-ms': { type: 'string', default: '1000' },
    out: { type: 'string', default: path.resolve(import.meta.dirname, '../../..') },
    write: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const positive = z.coerce.number().positive();
const whole = positive.int();
/** What a service that is asked a thousand times a second is asked in an hour. */
const hourOfCalls = 3_600_000;
/** Ten seconds for each window that is judged: two collections of garbage, on however quick a machine. */
const leastMinutes = 4;
const minutes = values.minutes === undefined ? undefined : positive.parse(values.minutes);
const command = [
  'npm run soak',
  ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : []),
].join(' ');

const result = await soak({
  products: whole.parse(values.products),
  calls:
    values.calls === undefined
      ? minutes === undefined
        ? hourOfCalls
        : Number.POSITIVE_INFINITY
      : whole.parse(values.calls),
  secondsMin: leastMinutes * 60,
  secondsMax: minutes === undefined ? Number.POSITIVE_INFINITY : minutes * 60,
  connections: whole.parse(values.connections),
  sampleMs: whole.parse(values['sample-ms']),
  collectMs: whole.parse(values['collect-ms']),
  say: (message) => process.stderr.write(`${message}\n`),
});
console.log(`${runLine(result, command)}\n\n${answerTable(result)}\n\n${growthTable(result)}`);
if (values.write) await writeSoak(result, { command, directory: values.out });
const faults = faultsOf(result);
console.log(faults.length === 0 ? 'holds' : ['does not hold', ...faults].join('\n'));
if (faults.length > 0) process.exitCode = 1;
