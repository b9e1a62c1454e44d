import { existsSync } from 'node:fs';
import path from 'node:path';
import { fetchDebianTool } from './debian-tool.ts';
import { findInstalled, type Program } from './installed-program.ts';
import { tryCommand } from './run-command.ts';

interface Source {
  /** what the program is called, here and elsewhere */
  readonly names: readonly string[];
  /** the package of Debian and Ubuntu that has it */
  readonly package: string;
}

const sources = {
  prometheus: { names: ['prometheus'], package: 'prometheus' },
  promtool: { names: ['promtool'], package: 'prometheus' },
  alertmanager: {
    names: ['prometheus-alertmanager', 'alertmanager'],
    package: 'prometheus-alertmanager',
  },
  amtool: { names: ['amtool'], package: 'prometheus-alertmanager' },
  redisExporter: {
    names: ['prometheus-redis-exporter', 'redis_exporter'],
    package: 'prometheus-redis-exporter',
  },
  postgresExporter: {
    names: ['prometheus-postgres-exporter', 'postgres_exporter'],
    package: 'prometheus-postgres-exporter',
  },
} as const satisfies Record<string, Source>;

/** A program of Prometheus and its kind. */
export interface MonitoringProgram extends Program {
  /** where Debian's package was unpacked, if the program is from there and finds nothing of it by itself */
  readonly root?: string;
}

/** Looks on the PATH, then in Homebrew's places, then fetches Debian's package into `.local/`. */
export async function findMonitoringProgram(
  name: keyof typeof sources,
): Promise<MonitoringProgram> {
  const { names, package: debian } = sources[name];
  for (const file of await findInstalled(names)) {
    if ((await tryCommand(file, ['--version'])) !== undefined) return { file, environment: {} };
  }
  const tool = await fetchDebianTool({ name: debian, packages: [debian] });
  const files = names.map((file) => path.join(tool?.root ?? '', 'usr/bin', file));
  const file = files.find((candidate) => existsSync(candidate));
  if (!tool || file === undefined) {
    throw new Error(
      `No ${names.join(' or ')} was found. Put one on the PATH, then start again; on Debian and Ubuntu it is fetched if a mirror can be reached.`,
    );
  }
  return { ...tool, file };
}
