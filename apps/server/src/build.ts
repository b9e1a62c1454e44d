import type { Build } from '@throughline/telemetry';
import type { Config } from './config.ts';
import packageJson from '../package.json' with { type: 'json' };

/** What runs, for metrics. */
export function buildOf({ buildCommit }: Pick<Config, 'buildCommit'>): Build {
  return { version: packageJson.version, commit: buildCommit };
}
