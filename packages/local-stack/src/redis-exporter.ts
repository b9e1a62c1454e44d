import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HttpServer, type HttpServerOptions } from './http-server.ts';
import { findMonitoringProgram } from './monitoring-program.ts';

export interface RedisExporterOptions extends HttpServerOptions {
  readonly redisUrl: string;
}

/** Tells at `/metrics` what a Redis says of itself; `redis_up` is 0 while it says nothing. */
export class RedisExporter extends HttpServer {
  static async start(options: RedisExporterOptions): Promise<RedisExporter> {
    return new RedisExporter(
      await HttpServer.launch({
        ...options,
        noun: 'exporter',
        program: await findMonitoringProgram('redisExporter'),
        async prepare({ directory, address }) {
          const passwordFile = path.join(directory, 'passwords.json');
          await writeFile(passwordFile, '{}'); // a password stands in the URL
          return [`-web.listen-address=${address}`, `-redis.password-file=${passwordFile}`];
        },
        environment: { REDIS_ADDR: options.redisUrl },
        readyText: 'Providing metrics at',
        readyPath: '/',
      }),
    );
  }
}
