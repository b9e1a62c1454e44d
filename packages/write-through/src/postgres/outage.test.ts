import { describe, expect, it } from 'vitest';
import { isOutage, isServerRefusal } from './outage.ts';

/** As `pg` throws what PostgreSQL, or a pooler in its place, answered. */
function answered(severity: string, code: string): Error {
  return Object.assign(new Error('answered'), { severity, code });
}

/** As Node throws what befell a socket. */
function network(code: string): Error {
  return Object.assign(new Error(`read ${code}`), { code, errno: -104, syscall: 'read' });
}

describe('an outage', () => {
  it.each([
    ['an admin who ends the session', answered('FATAL', '57P01')],
    ['a server that starts up', answered('FATAL', '57P03')],
    ['statement_timeout', answered('ERROR', '57014')],
    ['too many connections', answered('FATAL', '53300')],
    ['a pooler that lost its server', answered('ERROR', '08P01')],
    ['an I/O error of the server', answered('ERROR', '58030')],
    ['a bug of the server', answered('ERROR', 'XX000')],
    ['idle_in_transaction_session_timeout', answered('FATAL', '25P03')],
    ['transaction_timeout', answered('FATAL', '25P04')],
    ['lock_timeout', answered('ERROR', '55P03')],
    ['a deadlock', answered('ERROR', '40P01')],
    ['a serialization failure', answered('ERROR', '40001')],
    ['a connection that was reset', network('ECONNRESET')],
    ['a connection that is refused', network('ECONNREFUSED')],
    ['a host that nobody knows', network('ENOTFOUND')],
    ['a connection that ended', new Error('Connection terminated unexpectedly')],
    ['a pool without a free connection', new Error('timeout expired')],
    ['an answer that did not come', new Error('Query read timeout')],
    ['a client that was closed', new Error('Client was closed and is not queryable')],
  ])('is told by %s', (_, err) => {
    expect(isOutage(err)).toBe(true);
  });

  it.each([
    ['a duplicate key', answered('ERROR', '23505')],
    ['a value out of range', answered('ERROR', '22003')],
    ['a syntax error', answered('ERROR', '42601')],
    ['a transaction that failed before', answered('ERROR', '25P02')],
    ['a plan that refuses', new Error('The price must not be negative.')],
    ['a programming error', new TypeError('rows is not iterable')],
    ['what is no error', 'Query read timeout'],
  ])('is not told by %s', (_, err) => {
    expect(isOutage(err)).toBe(false);
  });
});

describe('a refusal by the server itself', () => {
  it.each([
    ['a deferred constraint that fails at COMMIT', answered('ERROR', '23505')],
    ['a statement that is wrong', answered('ERROR', '42601')],
  ])('is %s', (_, err) => {
    expect(isServerRefusal(err)).toBe(true);
  });

  it.each([
    ['an ERROR that a pooler sends when it lost its server', answered('ERROR', '08P01')],
    ['the end of the session', answered('FATAL', '57P01')],
    ['the crash of another session', answered('WARNING', '57P02')],
    ['a cancelled wait for the standby', answered('ERROR', '57014')],
    ['a broken connection', network('ECONNRESET')],
    ['an answer that did not come', new Error('Query read timeout')],
    ['what is no error', { severity: 'ERROR', code: '23505' }],
  ])('is not %s', (_, err) => {
    expect(isServerRefusal(err)).toBe(false);
  });
});
