import { bundleClient } from './client-bundle.ts';

const { minifiedBytes, gzipBytes } = await bundleClient('browser');
console.log(
  `createClient with its dependencies: ${minifiedBytes} bytes minified, ${gzipBytes} gzip`,
);
