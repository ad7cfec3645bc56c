// Keeps the technician's page at hand without a network: the page and what it is made of, never
// what it shows; that is the page's own business, and goes when one logs out.
//
// The page at hand is shown at once, and a newer one is fetched for the next time with everything it
// needs, so that a new page never asks for files that are not there. What the page showed last is kept by the
// page itself, until midnight: it is in the page from the start, before any script has run.

const CACHE = 'day-1';
const PAGE = '/day';
const SHOWN = '/day/shown';
/** Files that a built file names: `assets/name-hash.js`, or `./name-hash.js` beside it. */
const NAMES = /[\w.-]+-[\w-]{8}\.(?:js|css|svg)/g;
/** Far more than the page has; a page that is not ours cannot fill the phone. */
const FILES_MAX = 80;

self.addEventListener('install', (event) => {
  event.waitUntil(refresh().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith('day-') && name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate' && (url.pathname === PAGE || url.pathname.startsWith(`${PAGE}/`))) {
    event.respondWith(page(event));
  } else if (url.pathname.startsWith('/assets/')) {
    event.respondWith(asset(request));
  }
});

/** News from the office, shown also while the page is closed. */
self.addEventListener('push', (event) => {
  const news = event.data ? read(event.data) : {};
  const title = typeof news.title === 'string' ? news.title : 'Roundsman';
  const body = typeof news.body === 'string' ? news.body : '';
  // News that is told again replaces itself, and never other news.
  event.waitUntil(self.registration.showNotification(title, { body, tag: typeof news.id === 'string' ? news.id : 'day', icon: '/day/icon.svg' }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(self.clients.matchAll({ type: 'window' }).then((open) => {
    const known = open.find((client) => new URL(client.url).pathname.startsWith(PAGE));
    return known ? known.focus() : self.clients.openWindow(PAGE);
  }));
});

function read(data) {
  try { return data.json(); } catch { return {}; }
}

async function page(event) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(PAGE);
  if (!known) return fetch(event.request);
  // After the page has what it needs now.
  event.waitUntil(new Promise((done) => setTimeout(done, 2000)).then(refresh).catch(() => undefined));
  return (await filled(known.clone(), await cache.match(SHOWN))) ?? known;
}

/** The page with what it showed last, if that is of today and looks as this page does. */
async function filled(known, shown) {
  if (!shown || Date.now() >= Number(shown.headers.get('until'))) return null;
  const [html, inside] = await Promise.all([known.text(), shown.text()]);
  const style = shown.headers.get('style');
  if (!style || !html.includes(style)) return null;
  const theme = shown.headers.get('theme');
  const root = `<html lang="${shown.headers.get('lang')}"${theme ? ` data-theme="${theme}"` : ''}>`;
  const text = html.replace(/<html[^>]*>/, () => root).replace('<div id="app"></div>', () => `<div id="app">${inside}</div>`);
  const headers = new Headers(known.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  return new Response(text, { headers });
}

async function asset(request) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(request.url);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request.url, answer.clone());
  return answer;
}

/** Fetches the page and all it is made of, then forgets what it no longer needs. */
async function refresh() {
  const cache = await caches.open(CACHE);
  const answer = await fetch(PAGE, { credentials: 'same-origin', cache: 'no-cache' });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const html = await answer.clone().text();
  const needed = new Set();
  await collect(cache, html, needed);
  await cache.put(PAGE, answer);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/assets/') && !needed.has(pathname)) await cache.delete(request);
  }
}

async function collect(cache, text, needed) {
  const found = [...new Set(text.match(NAMES) ?? [])].map((name) => `/assets/${name}`);
  await Promise.all(found.filter((path) => !needed.has(path) && needed.size < FILES_MAX).map(async (path) => {
    needed.add(path);
    let answer = await cache.match(path);
    if (!answer) {
      answer = await fetch(path);
      if (!answer.ok) { needed.delete(path); return; }
      await cache.put(path, answer.clone());
    }
    if (path.endsWith('.js')) await collect(cache, await answer.clone().text(), needed);
  }));
}
