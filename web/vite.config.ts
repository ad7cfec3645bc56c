import { svelte } from '@sveltejs/vite-plugin-svelte';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

/** Where the development server finds a running Roundsman: `npm run dev` beside `roundsman demo`. */
const server = process.env.ROUNDSMAN_URL ?? 'http://127.0.0.1:8080';

/** Pages of one application share its HTML file; only the server knows that in earnest. */
const applications: Plugin = {
  name: 'applications',
  configureServer(vite) {
    vite.middlewares.use((request, _response, next) => {
      const path = (request.url ?? '').split('?')[0];
      const application = /^\/(board|day|login)(\/[^.]*)?$/.exec(path)?.[1];
      if (application) request.url = `/${application}/index.html`;
      next();
    });
  },
};

/**
 * The technician's page is built by itself: of what all pages share it takes only what it uses, which
 * is a third of it.
 */
const alone = process.env.ENTRY;
const entries = alone ? [alone] : ['board', 'login'];

export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte(), applications],
  build: {
    outDir: 'dist',
    emptyOutDir: !alone,
    copyPublicDir: !alone,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      // Nobody imports the entries, so what they share with pages loaded later may live in them.
      preserveEntrySignatures: false,
      input: entries.map((entry) => resolve(import.meta.dirname, entry, 'index.html')),
    },
  },
  server: {
    fs: { allow: ['..'] },
    proxy: { '/api': server, '/map': server, '/docs': server },
  },
});
