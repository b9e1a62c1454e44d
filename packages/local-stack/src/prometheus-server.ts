import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HttpServer, type HttpServerOptions } from './http-server.ts';
import { findMonitoringProgram } from './monitoring-program.ts';
import { promtool } from './monitoring-tools.ts';

export interface PrometheusServerOptions extends HttpServerOptions {
  /** the text of prometheus.yml, or what makes it of the host and port that it will listen on */
  readonly config: string | ((address: string) => string);
  /** more files, such as rules, by their names relative to prometheus.yml */
  readonly files?: Readonly<Record<string, string>>;
  /** samples of the time before its start, in the OpenMetrics format */
  readonly past?: string | undefined;
  /** more arguments for `prometheus`, which win over ours */
  readonly arguments?: readonly string[];
}

/** A Prometheus of one's own, with storage for exemplars. */
export class PrometheusServer extends HttpServer {
  static async start(options: PrometheusServerOptions): Promise<PrometheusServer> {
    const program = await findMonitoringProgram('prometheus');
    // Debian's has its pages in a directory, and looks for it where the package would be installed.
    const pages =
      program.root === undefined
        ? []
        : [`--web.local-assets=${path.join(program.root, 'usr/share/prometheus/web')}/`];
    return new PrometheusServer(
      await HttpServer.launch({
        ...options,
        noun: 'prometheus',
        program,
        async prepare({ directory, address }) {
          const { config, files } = options;
          const data = path.join(directory, 'data');
          if (options.past !== undefined && !existsSync(data)) await writePast(data, options.past);
          const text = typeof config === 'string' ? config : config(address);
          await writeFiles(directory, { ...files, 'prometheus.yml': text });
          return [
            `--config.file=${path.join(directory, 'prometheus.yml')}`,
            `--storage.tsdb.path=${data}`,
            `--web.listen-address=${address}`,
            '--web.enable-lifecycle',
            '--enable-feature=exemplar-storage',
            ...pages,
            ...(options.arguments ?? []),
          ];
        },
        readyText: 'Server is ready to receive web requests',
        readyPath: '/-/ready',
      }),
    );
  }

  /** Makes it read its files again, after they were changed in its directory. */
  async reload(): Promise<void> {
    const response = await fetch(`${this.url}/-/reload`, { method: 'POST' });
    if (!response.ok) throw new Error(`Prometheus did not reload: ${await response.text()}`);
  }
}

/** As blocks, which is all that takes samples of hours ago. */
async function writePast(data: string, past: string): Promise<void> {
  const file = `${data}.txt`;
  await writeFile(file, past);
  await promtool('tsdb', 'create-blocks-from', 'openmetrics', '--quiet', file, data);
}

async function writeFiles(
  directory: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
