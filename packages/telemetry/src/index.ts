export * from './duration-instrument.ts';
export * from './logger.ts';
export * from './metrics.ts';
