import { parseArgs } from 'node:util';
import { z } from 'zod';
import { rollOut } from './rollout.ts';

/** `npm run rollout`: three processes replaced behind a balancer under load; exits with 1 if a request failed or was answered wrongly. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    'poll-ms': { type: 'string', default: '2000' },
    'notice-ms': { type: 'string', default: '5000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
  },
});
const whole = z.coerce.number().int().nonnegative();
const seed = whole.parse(values.seed);
const balanced = {
  pollMs: whole.parse(values['poll-ms']),
  noticeMs: whole.parse(values['notice-ms']),
};
console.log(
  `seed ${seed}, the balancer looks every ${balanced.pollMs} ms, ${balanced.noticeMs} ms of notice`,
);

const result = await rollOut({
  seed,
  balanced,
  rounds: whole.parse(values.rounds),
  tell: (text) => console.log(`  ${text}`),
});
const { failed, exitCodes, violations, history, tally, loadMs } = result;
const requests = [...tally.operations.values()].reduce((sum, count) => sum + count, 0);
console.table({
  'processes replaced': exitCodes.length,
  'of them ended with another exit code than 0': exitCodes.filter((code) => code !== 0).length,
  requests,
  'requests in a second': Math.round(requests / (loadMs / 1_000)),
  'requests that failed': failed.length,
  'answers of products checked': history.checkedReads,
  'writes acknowledged': history.acknowledged.length,
  'wrong answers and lost writes': violations.length,
});
for (const why of failed.slice(0, 10)) console.log(why);
for (const { rule, text } of violations.slice(0, 10)) console.log(`${rule}: ${text}`);
const isHeld =
  failed.length === 0 && violations.length === 0 && exitCodes.every((code) => code === 0);
process.exitCode = isHeld ? 0 : 1;
