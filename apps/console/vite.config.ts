import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { consoleDirectory } from './directory.ts';
import { precompress } from './precompress.ts';

/** `npm run build` writes the page; `npx vite apps/console` serves it while it is worked on, beside `npm start`. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), precompress()],
  build: {
    outDir: consoleDirectory,
    // The page may load nothing but files of its own.
    assetsInlineLimit: 0,
    // The charts of the operations page, which is loaded when it is opened.
    chunkSizeWarningLimit: 800,
    // How long a build took on a busy machine is nobody's business.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
  server: { proxy: { '/trpc': 'http://127.0.0.1:3000' } },
});
