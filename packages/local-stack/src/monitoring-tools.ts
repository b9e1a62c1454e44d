import { findMonitoringProgram } from './monitoring-program.ts';
import { runCommand } from './run-command.ts';

/** Runs `promtool` and returns what it printed; throws with its complaint when it fails. */
export async function promtool(...commandArguments: string[]): Promise<string> {
  const { file, environment } = await findMonitoringProgram('promtool');
  return runCommand(file, commandArguments, { env: environment });
}

/** Has `promtool check metrics` judge an exposition; throws with what it finds fault with. */
export async function checkMetrics(text: string): Promise<void> {
  const { file, environment } = await findMonitoringProgram('promtool');
  await runCommand(file, ['check', 'metrics'], { env: environment, input: text });
}

/** Runs `amtool`, as `promtool` does. */
export async function amtool(...commandArguments: string[]): Promise<string> {
  const { file, environment } = await findMonitoringProgram('amtool');
  return runCommand(file, commandArguments, { env: environment });
}
