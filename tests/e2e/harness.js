// What the tests in a browser share: the server, pages that watch themselves, and the demo's people.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const web = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = web('playwright-core');
const AXE = web.resolve('axe-core/axe.min.js');

/** Where the demo company runs; `scripts/e2e.sh` starts it. */
export const BASE = process.env.E2E_URL ?? 'http://127.0.0.1:8080';
const PASSWORD = process.env.E2E_PASSWORD ?? 'demo-hraun-64';
export const DISPATCHER = 'dispatcher@hraun.example';
export const OWNER = 'owner@hraun.example';
export const TECHNICIAN = 'technician@hraun.example';

let browser;
export async function start() {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  return browser;
}
export async function stop() {
  await browser?.close();
  browser = undefined;
}

/**
 * A page of somebody who is logged in, or of nobody. It remembers what must never happen.
 *
 * `base` and `password`: of another server than the demo.
 */
export async function open(email, path, { base = BASE, password = PASSWORD, ...options } = {}) {
  const context = await (await start()).newContext({ baseURL: base, viewport: { width: 1440, height: 900 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => { if (message.type() === 'error') faults.push(`console: ${message.text()} ${message.location().url}`); });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== new URL(base).origin) faults.push(`outside: ${url.origin}`);
  });
  if (email) await login(context, email, password);
  if (path) await page.goto(path);
  return { page, context, faults };
}

export async function login(context, email, password = PASSWORD) {
  const answer = await context.request.post('/api/v1/session', { data: { email, password }, headers: { 'x-requested-with': 'e2e' } });
  assert.equal(answer.status(), 200, `login of ${email}`);
}
export const password = PASSWORD;

/** The API with the session of a page. */
export async function call(context, method, path, data) {
  const answer = await context.request.fetch(`/api/v1${path}`, { method, data, headers: { 'x-requested-with': 'e2e' } });
  const text = await answer.text();
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${text}`);
  return text ? JSON.parse(text) : null;
}

/**
 * Waits until `check` is true: for what the server or a page says only when it is asked. Playwright's own
 * `waitForFunction` takes the promise of an answer for a yes.
 */
export async function eventually(what, check) {
  const until = Date.now() + 20_000;
  while (!(await check())) {
    assert.ok(Date.now() < until, `not yet after 20 s: ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** Fails with every rule that a page breaks. */
export async function accessible(page, what) {
  if (!(await page.evaluate(() => 'axe' in window))) {
    // Past the Content-Security-Policy, which lets no script in from here.
    const { readFileSync } = await import('node:fs');
    await page.evaluate(readFileSync(AXE, 'utf8'));
  }
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  const told = found.violations.map((one) => `${one.id}: ${one.help}\n    ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join('\n    ')}`);
  assert.deepEqual(told, [], what);
}

/** The next working day that the demo has visits on, in its zone. */
export function workday(after = 1) {
  const date = new Date(Date.now() + after * 86_400_000);
  while ([0, 6].includes(date.getUTCDay())) date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}
