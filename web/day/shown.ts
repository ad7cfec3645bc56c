/**
 * What the page shows, kept as it is for the worker of the page: next time it is there before any script has run.
 * It holds what the days of `kept.ts` hold, and goes with them.
 */
import { time } from '../shared/text';

/** Both are known to the worker, `public/day/sw.js`. */
const CACHE = 'day-1';
const KEY = '/day/shown';
const DAY_MIN = 24 * 60;

/** Keeps the page as it is now; it is good until midnight in a zone. */
export async function keepShown(now: number, zone: string): Promise<void> {
  if (!globalThis.caches) return;
  const parts = [...document.querySelectorAll('#app > header, #app > main')].map((part) => {
    const copy = part.cloneNode(true) as Element;
    // Nothing hears a tap before the scripts have run.
    copy.setAttribute('inert', '');
    return copy.outerHTML;
  });
  const [hours, minutes] = time(now, zone).split(':').map(Number);
  const { lang, dataset } = document.documentElement;
  const headers = {
    until: String(now + (DAY_MIN - 60 * hours - minutes) * 60_000),
    lang,
    theme: dataset.theme ?? '',
    style: document.querySelector('link[rel=stylesheet]')?.getAttribute('href') ?? '',
  };
  await (await caches.open(CACHE)).put(KEY, new Response(parts.join(''), { headers }));
}

/** Forgets it, where it would be wrong: another language, another look, nobody logged in. */
export async function forgetShown(): Promise<void> {
  if (globalThis.caches) await (await caches.open(CACHE)).delete(KEY);
}
