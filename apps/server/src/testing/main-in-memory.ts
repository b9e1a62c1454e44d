import { InMemoryCacheAdmin, InMemoryProducts } from '@throughline/api/testing';
import { flushCompileCache } from 'node:module';
import type { OpenCatalogue } from '../catalogue.ts';
import { main } from '../main.ts';
import { cacheStatus } from './running-service.ts';

/** Of a process without stores, on ports that are free. */
export const environment = {
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  REDIS_URL: 'redis://127.0.0.1:1',
  PORT: '0',
  METRICS_PORT: '0',
  SHUTDOWN_NOTICE_MS: '0',
};

/** Its reads are answered only once the process was asked to stop. */
export const heldUntilStopId = 1;
/** Its reads are never answered. */
export const heldForeverId = 2;

/** A read of it rejects a promise that nobody waits for, and is never answered. */
export const unhandledId = 3;
/** With this database the catalogue waits to be opened until the process is asked to stop. */
export const databaseAwayUrl = 'postgres://nobody@127.0.0.1:1/away';
/** With this database the catalogue cannot be opened. */
export const databaseRefusedUrl = 'postgres://nobody@127.0.0.1:1/refused';

/** The whole process but its stores, for tests that start and stop it. */
const openInMemoryCatalogue: OpenCatalogue = async (options) => {
  const { config, logger, instrument, signal } = options;
  const products = new InMemoryProducts();
  if (config.databaseUrl === databaseRefusedUrl) throw new Error('The database refuses.');
  const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve));
  if (config.databaseUrl === databaseAwayUrl) {
    logger.info('waiting for the database');
    await stopped;
    throw signal.reason;
  }
  const { promise: never } = Promise.withResolvers<never>();
  products.byId = (id) =>
    instrument({ name: 'byId', kind: 'read' }, async () => {
      logger.info({ id }, 'reading');
      if (id === heldUntilStopId) await stopped;
      if (id === unhandledId) void Promise.reject(new Error('nobody waits for this'));
      if (id === heldForeverId || id === unhandledId) await never;
      return { value: null, outcome: 'negative' };
    });
  return {
    products,
    admin: new InMemoryCacheAdmin(),
    status: () => cacheStatus,
    readings: () => undefined,
    ready: Promise.resolve(),
    endSubscriptions: () => {},
    ping: () => Promise.resolve(),
    [Symbol.asyncDispose]: async () => logger.info('catalogue closed'),
  };
};

if (import.meta.main) {
  // What is compiled is kept when a process ends, and most of these are killed.
  flushCompileCache();
  await main(openInMemoryCatalogue);
}
