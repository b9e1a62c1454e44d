import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HttpServer, type HttpServerOptions } from './http-server.ts';
import { findMonitoringProgram } from './monitoring-program.ts';

export interface PostgresExporterOptions extends HttpServerOptions {
  readonly databaseUrl: string;
  /** the text of a file of further queries, in the exporter's own format */
  readonly queries?: string;
}

/** Tells at `/metrics` what a PostgreSQL says of itself; `pg_up` is 0 while it says nothing. */
export class PostgresExporter extends HttpServer {
  static async start(options: PostgresExporterOptions): Promise<PostgresExporter> {
    const dataSource = new URL(options.databaseUrl);
    dataSource.searchParams.set('sslmode', 'disable');
    return new PostgresExporter(
      await HttpServer.launch({
        ...options,
        noun: 'exporter',
        program: await findMonitoringProgram('postgresExporter'),
        async prepare({ directory, address }) {
          const webConfigFile = path.join(directory, 'web.yml');
          await writeFile(webConfigFile, ''); // no TLS, no password
          const queriesFile = path.join(directory, 'queries.yml');
          await writeFile(queriesFile, options.queries ?? '{}');
          return [
            `--web.listen-address=${address}`,
            `--web.config.file=${webConfigFile}`,
            `--extend.query-path=${queriesFile}`,
          ];
        },
        environment: { DATA_SOURCE_NAME: dataSource.href },
        readyText: 'Listening on',
        readyPath: '/',
      }),
    );
  }
}
