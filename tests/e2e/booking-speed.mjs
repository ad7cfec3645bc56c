// How heavy and how quick the customers' pages are on a telephone: slow 4G (1.6 Mbit/s, 150 ms), a
// processor four times slower, nothing cached. Prints a table; ends with 1 where a goal is missed.
// Needs the demo company at E2E_URL; `scripts/e2e.sh` starts one.

import { brotliCompressSync } from 'node:zlib';
import { BASE, PHONE, launch } from './browser.mjs';

const RUNS = 5;
const LCP_MS = 800;
const BYTES = 12_000;
const LOADER_BYTES = 1200;

const browser = await launch();
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
let missed = false;

/** One visit with an empty cache. */
async function visit(path) {
  const context = await browser.newContext({ viewport: PHONE, isMobile: true, hasTouch: true });
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await tools.send('Network.enable');
  await tools.send('Network.emulateNetworkConditions', {
    offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750,
  });
  await tools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const kinds = new Map();
  let bytes = 0;
  let pictures = 0;
  tools.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
  tools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (kinds.get(requestId) === 'Image') pictures += encodedDataLength;
    else bytes += encodedDataLength;
  });
  await page.addInitScript(() => {
    globalThis.lcp = 0;
    globalThis.cls = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((one) => { globalThis.lcp = one.startTime; }))
      .observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => list.getEntries().forEach((one) => { globalThis.cls += one.hadRecentInput ? 0 : one.value; }))
      .observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(BASE + path, { waitUntil: 'networkidle' });
  const { lcp, cls } = await page.evaluate(() => ({ lcp: globalThis.lcp, cls: globalThis.cls }));
  await context.close();
  return { lcp, cls, bytes, pictures };
}

/** The addresses of one booking's pages, filled in step by step. */
async function pages() {
  const page = await browser.newPage();
  await page.goto(`${BASE}/book/hraun`);
  await page.locator('label.card').filter({ has: page.locator('b', { hasText: /^Listing photos$/ }) }).getByRole('checkbox').check();
  await page.getByRole('button', { name: /Next/ }).click();
  await page.locator('#q').fill('Skeifan 15, 108');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.waitForURL(/#chosen/);
  const root = new URL(page.url()).pathname.replace(/\/place$/, '');
  await page.getByRole('link', { name: 'Yes, come here' }).click();
  await page.getByLabel('House', { exact: true }).check();
  await page.getByLabel('How do we get in?').selectOption('I am there');
  await page.getByRole('button', { name: /Next/ }).click();
  await page.waitForURL(/\/time/);
  await page.locator('#day .starts button').first().click();
  await page.waitForURL(/\/confirm/);
  await page.close();
  return ['/book/hraun', `${root}/place`, `${root}/questions`, `${root}/time`, `${root}/confirm`];
}

for (const path of await pages()) {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await visit(path));
  const [lcp, cls, bytes, pictures] = ['lcp', 'cls', 'bytes', 'pictures'].map((key) => median(runs.map((one) => one[key])));
  const good = lcp <= LCP_MS && bytes <= BYTES && cls <= 0.01;
  missed ||= !good;
  const name = path.replace(/[0-9a-f-]{36}/, '..');
  console.log(`${good ? 'ok    ' : 'MISSED'} ${name.padEnd(28)} LCP ${lcp.toFixed(0)} ms, ${bytes} bytes, pictures ${pictures} bytes, CLS ${cls.toFixed(3)}`);
}
const widget = Buffer.from(await (await fetch(`${BASE}/widget.js`)).arrayBuffer());
const packed = brotliCompressSync(widget).length;
missed ||= packed > LOADER_BYTES;
console.log(`${packed > LOADER_BYTES ? 'MISSED' : 'ok    '} /widget.js                   ${packed} bytes in brotli`);
await browser.close();
process.exit(missed ? 1 : 0);
