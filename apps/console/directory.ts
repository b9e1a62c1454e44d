import path from 'node:path';

/** Where `npm run build` puts the page and what it loads. */
export const consoleDirectory = path.join(import.meta.dirname, 'dist');
