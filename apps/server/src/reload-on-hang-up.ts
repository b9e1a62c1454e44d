import type { Logger } from '@throughline/telemetry';
import type { EventEmitter } from 'node:events';
import type { TlsContext } from './tls-context.ts';

/** Reads certificate and key again at every SIGHUP, until disposed of. Files that cannot be used change nothing. */
export function reloadOnHangUp(
  tls: Pick<TlsContext, 'reload'>,
  logger: Pick<Logger, 'info' | 'error'>,
  source: EventEmitter = process,
): Disposable {
  const onHangUp = () => {
    try {
      tls.reload();
      logger.info('certificate and key were read again');
    } catch (err) {
      logger.error({ err }, 'certificate and key cannot be used; those before stay in use');
    }
  };
  source.on('SIGHUP', onHangUp);
  return { [Symbol.dispose]: () => void source.off('SIGHUP', onHangUp) };
}
