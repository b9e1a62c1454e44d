import { expect, test } from 'vitest';
import { createLogger, type LogLevel } from './logger.ts';

test('a line is JSON with the level in words and the time in UTC', () => {
  const { logger, lines } = start('info');
  logger.info({ url: 'http://127.0.0.1:3000/trpc' }, 'listening');
  expect(lines()).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/),
      url: 'http://127.0.0.1:3000/trpc',
      msg: 'listening',
    },
  ]);
});

test('lines below the level are left out', () => {
  const { logger, lines } = start('warn');
  logger.info('unheard');
  logger.warn('heard');
  expect(lines()).toMatchObject([{ msg: 'heard' }]);
});

test('an error is logged with its stack, code and causes', () => {
  const { logger, lines } = start('info');
  const cause = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
  logger.error({ err: new Error('the database is away', { cause }) }, 'failed');
  expect(lines()).toMatchObject([
    {
      err: {
        type: 'Error',
        message: 'the database is away',
        stack: expect.stringContaining('the database is away'),
        cause: { message: 'connection refused', code: 'ECONNREFUSED' },
      },
    },
  ]);
});

test('statements and parameters that a driver hangs on an error stay out of the log', () => {
  const { logger, lines } = start('info');
  const err = Object.assign(new Error('deadlock'), { sql: 'SELECT 1', parameters: ['canary'] });
  logger.error({ err }, 'failed');
  expect(JSON.stringify(lines())).not.toMatch(/SELECT|canary/);
});

test('an error that is its own cause is logged all the same', () => {
  const { logger, lines } = start('info');
  const err = new Error('circular');
  err.cause = err;
  logger.error({ err }, 'failed');
  expect(lines()).toHaveLength(1);
});

test('a thrown value that is no error is logged as what it is', () => {
  const { logger, lines } = start('info');
  logger.error({ err: 'just words' }, 'failed');
  expect(lines()).toMatchObject([{ err: { type: 'string', message: 'just words' } }]);
});

function start(level: LogLevel) {
  const written: string[] = [];
  const logger = createLogger({ level, destination: { write: (line) => void written.push(line) } });
  return { logger, lines: () => written.map((line) => JSON.parse(line) as unknown) };
}
