import path from 'node:path';

/** The checkout's git-ignored place for everything that is made on this machine. */
const localDirectory = path.resolve(import.meta.dirname, '../../../.local');

/** Where `npm start` keeps its data from one run to the next. */
export const keptDataDirectory = path.join(localDirectory, 'data');

/** Programs fetched for this checkout. */
export const toolsDirectory = path.join(localDirectory, 'tools');

/** Temporary directories of runs, each named after its process. */
export const scratchDirectory = path.join(localDirectory, 'scratch');
