import { existsSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HttpServer, type HttpServerOptions } from './http-server.ts';
import { findMonitoringProgram, type MonitoringProgram } from './monitoring-program.ts';
import { relocateProgram } from './relocated-program.ts';

export interface AlertmanagerServerOptions extends HttpServerOptions {
  /** the text of alertmanager.yml */
  readonly config: string;
  /** more arguments for `alertmanager`, which win over ours */
  readonly arguments?: readonly string[];
}

/** An Alertmanager of one's own, alone in its cluster. */
export class AlertmanagerServer extends HttpServer {
  static async start(options: AlertmanagerServerOptions): Promise<AlertmanagerServer> {
    const found = await findMonitoringProgram('alertmanager');
    const templates = found.root === undefined ? undefined : path.join(found.root, builtInPath);
    return new AlertmanagerServer(
      await HttpServer.launch({
        ...options,
        noun: 'alertmanager',
        program: templates === undefined ? found : await relocate(found),
        async prepare({ directory, address }) {
          const configFile = path.join(directory, 'alertmanager.yml');
          await writeFile(configFile, options.config);
          const link = path.join(directory, linkName);
          if (templates !== undefined && !existsSync(link)) await symlink(templates, link);
          return [
            `--config.file=${configFile}`,
            `--storage.path=${path.join(directory, 'data')}`,
            `--web.listen-address=${address}`,
            '--cluster.listen-address=',
            ...(options.arguments ?? []),
          ];
        },
        readyText: 'Listening on',
        readyPath: '/-/ready',
      }),
    );
  }
}

/** Where Debian's Alertmanager looks for its templates, without which it does not start. */
const builtInPath = '/usr/share/prometheus/alertmanager';
const linkName = 'share';

async function relocate(program: MonitoringProgram): Promise<MonitoringProgram> {
  return { ...program, file: await relocateProgram(program.file, { builtInPath, linkName }) };
}
