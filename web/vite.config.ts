import { svelte } from '@sveltejs/vite-plugin-svelte';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

/** Where the development server finds a running Roundsman: `npm run dev` beside `roundsman demo`. */
const server = process.env.ROUNDSMAN_URL ?? 'http://127.0.0.1:8080';

/** Pages of one application share its HTML file; only the server knows that in earnest. All share the beginning of their head. */
const applications: Plugin = {
  name: 'applications',
  configureServer(vite) {
    vite.middlewares.use((request, _response, next) => {
      const path = (request.url ?? '').split('?')[0];
      const application = /^\/(board|day|login|calendars)(\/[^.]*)?$/.exec(path)?.[1];
      if (application) request.url = `/${application}/index.html`;
      next();
    });
  },
  transformIndexHtml: {
    order: 'pre',
    handler: (html) => html.replace('<!-- shared/head.html -->', () => readFileSync(resolve(import.meta.dirname, 'shared/head.html'), 'utf8').trim()),
  },
};

/** What goes into the build in place of a module of the tools: the rest of it is never used here. */
const instead: Record<string, (code: string) => string> = {
  // Nobody asks for Svelte's older or coming modes.
  'svelte/src/internal/flags/index.js': (code) => code
    .replace(/export let (\w+_mode_flag) = false;/g, 'export const $1 = false;')
    .replace(/\w+_mode_flag = (true|false);(?=\n\})/g, ''),
  // Nothing is rendered on a server and taken over by scripts.
  'svelte/src/internal/client/dom/hydration.js': (code) => code
    .replace('export let hydrating = false;', 'export const hydrating = false;')
    .replace('hydrating = value;', ''),
  // No component has a boundary, so that the one around all of them has nothing to do.
  'svelte/src/internal/client/dom/blocks/boundary.js': () => `
    import { branch } from '../../reactivity/effects.js';
    export function boundary(node, props, children) {
      if (props.failed || props.onerror) throw new Error('boundaries are left out: vite.config.ts');
      branch(() => children(node));
    }
    export const pending = () => false;`,
  // Of what a part needs that is loaded later, the browser finds the scripts by itself.
  'vite/preload-helper.js': () => `
    const asked = {};
    const style = (path) => (asked[path] ??= new Promise((done) => {
      const link = document.createElement('link');
      link.rel = 'stylesheet';
      link.href = '/' + path;
      link.onload = link.onerror = done;
      document.head.append(link);
    }));
    export const __vitePreload = (load, files = []) =>
      Promise.all(files.filter((file) => file.endsWith('.css')).map(style)).then(load);`,
};

/** And for the technician's page, whose state is replaced as a whole, never changed inside. */
if (process.env.ENTRY) {
  instead['svelte/src/internal/client/proxy.js'] = () => `
    export function proxy(value) {
      const prototype = typeof value === 'object' && value && Object.getPrototypeOf(value);
      if (prototype === Object.prototype || prototype === Array.prototype) throw new Error('use $state.raw: vite.config.ts');
      return value;
    }
    export const get_proxied_value = (value) => value;
    export const is = Object.is;`;
}

/** Leaves out a fifth of what Svelte would weigh; fails when a newer one has nothing to be left out. */
const lean: Plugin = {
  name: 'lean',
  apply: 'build',
  transform(code, id) {
    const name = Object.keys(instead).find((one) => id.split('?')[0].endsWith(one));
    if (!name) return;
    const left = instead[name](code);
    if (left === code) this.error(`${name} is not what it was`);
    return { code: left, map: null };
  },
};

/**
 * The technician's page is built by itself: of what all pages share it takes only what it uses, which
 * is a third of it.
 */
const alone = process.env.ENTRY;
/** What the first view of that page needs is one file: packed together it is smaller. */
const first = /\/svelte\/src\/|\/web\/shared\/(api|text|session|dates|theme|toasts\.svelte)\.ts|\/web\/(base|tokens)\.css|\/web\/day\/(Day|Next|Timeline|Actions|Links|Promise|Sync|Week|MenuButton|days|kept|lines|later)\b/;
const entries = alone ? [alone] : ['board', 'login', 'calendars'];

export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte(), applications, lean],
  build: {
    outDir: 'dist',
    emptyOutDir: !alone,
    copyPublicDir: !alone,
    target: 'es2022',
    // Browsers that know light-dark(), as the server's own pages ask for too.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      // Nobody imports the entries, so what they share with pages loaded later may live in them.
      preserveEntrySignatures: false,
      output: alone ? { codeSplitting: { groups: [{ name: 'first', test: first }] } } : undefined,
      input: entries.map((entry) => resolve(import.meta.dirname, entry, 'index.html')),
    },
  },
  server: {
    fs: { allow: ['..'] },
    proxy: { '/api': server, '/map': server, '/docs': server },
  },
});
