export * from './errors.ts';
export * from './instrument.ts';
