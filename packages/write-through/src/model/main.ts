/** `npm run model`: explores every protocol of protocol.ts and prints what it found. */
import { explore } from './explore.ts';
import { protocols } from './protocol.ts';

for (const { name, protocol, expected } of protocols) {
  const beganMs = performance.now();
  const found = explore(protocol);
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
  const steps = found.outcome === 'violated' ? ` in ${found.trace.length} steps` : '';
  const verdict = found.outcome === expected ? 'as expected' : 'NOT AS EXPECTED';
  console.log(
    `${name.padEnd(62)} ${found.outcome}${steps}, ${found.states} states, ${seconds} s: ${verdict}`,
  );
  if (found.outcome === expected) continue;
  process.exitCode = 1;
  if (found.outcome === 'violated')
    console.log(found.trace.map((step) => `    ${step}`).join('\n'));
}
