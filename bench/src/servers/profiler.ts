import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { serverEnvironment } from './environment.ts';

// For `node --import`: profiles the CPU from one SIGUSR2 to the next, and leaves the profile in a file.
const session = new Session();
session.connect();
let profiling = false;

async function toggle(): Promise<void> {
  profiling = !profiling;
  if (profiling) {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    return;
  }
  const { profile } = await session.post('Profiler.stop');
  await writeFile(serverEnvironment().BENCH_PROFILE_FILE, JSON.stringify(profile));
}

process.on('SIGUSR2', () => {
  toggle().catch((err: unknown) => process.stderr.write(`No profile: ${String(err)}\n`));
});
