// How heavy and how quick the technician's day is on a telephone: slow 4G (1.6 Mbit/s, 150 ms), a processor
// four times slower, nothing cached; then loaded again without a network. Ends with 1 where a goal is missed.
// Needs the demo company at E2E_URL; `scripts/e2e.sh measure` starts one.
import { TECHNICIAN, eventually, open, start, stop } from './harness.js';

const RUNS = 5;
const BYTES = 25_000;
const RELOAD_MS = 300;
const PHONE = { viewport: { width: 412, height: 823 }, isMobile: true, hasTouch: true };
const SHOWN = 'main ol li.visit, main .empty';
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Marks when the day is first shown. */
function watch(selector) {
  new MutationObserver(() => {
    if (globalThis.shown || !document.querySelector(selector)) return;
    globalThis.shown = -1;
    requestAnimationFrame(() => requestAnimationFrame(() => { globalThis.shown = performance.now(); }));
  }).observe(document, { subtree: true, childList: true });
}

async function visit() {
  const { page, context, faults } = await open(TECHNICIAN, null, PHONE);
  const tools = await context.newCDPSession(page);
  await tools.send('Network.enable');
  await tools.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 });
  await tools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const asked = new Map();
  let [files, data, headers] = [0, 0, 0];
  tools.on('Network.responseReceived', ({ requestId, response }) => asked.set(requestId, { path: new URL(response.url).pathname, headers: response.encodedDataLength }));
  tools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const one = asked.get(requestId);
    if (!one) return;
    const body = encodedDataLength - one.headers;
    headers += one.headers;
    if (one.path.startsWith('/api/')) data += body;
    else files += body;
    if (process.env.EACH) console.log(`  ${body} + ${one.headers} ${one.path}`);
  });
  await page.addInitScript(watch, SHOWN);
  await page.goto(new URL('/day', process.env.E2E_URL ?? 'http://127.0.0.1:8080').href, { waitUntil: 'load' });
  await page.waitForFunction(() => globalThis.shown > 0);
  const first = await page.evaluate(() => globalThis.shown);
  const sent = { files, data, headers };

  // The worker takes over with the next load.
  await page.evaluate(() => navigator.serviceWorker.ready);
  await eventually('the page is kept, and what it shows', () => page.evaluate(async () => (await (await caches.open('day-1')).keys()).some((one) => one.url.endsWith('/day/shown'))));
  await page.reload();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await tools.send('Network.emulateNetworkConditions', { offline: true, latency: 0, downloadThroughput: 0, uploadThroughput: 0 });
  await context.setOffline(true);
  await page.reload();
  await page.waitForFunction(() => globalThis.shown > 0);
  const reload = await page.evaluate(() => globalThis.shown);
  await context.close();
  if (faults.some((fault) => fault.startsWith('outside'))) throw new Error(faults.join('\n'));
  return { ...sent, first, reload };
}

await start();
const runs = [];
for (let run = 0; run < RUNS; run += 1) runs.push(await visit());
await stop();
const [files, data, headers, first, reload] = ['files', 'data', 'headers', 'first', 'reload'].map((key) => median(runs.map((one) => one[key])));
const good = files <= BYTES && reload <= RELOAD_MS;
console.log(`${good ? 'ok    ' : 'MISSED'} /day: ${files} bytes of files (${BYTES}), ${data} of data, ${headers} of headers; shown after ${first.toFixed(0)} ms, without a network after ${reload.toFixed(0)} ms (${RELOAD_MS})`);
process.exitCode = good ? 0 : 1;
