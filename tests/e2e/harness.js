// What the tests in a browser share: the server, pages that watch themselves, and the demo's people.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { afterEach } from 'node:test';

const web = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = web('playwright-core');
const AXE = web.resolve('axe-core/axe.min.js');

/** Where the demo company runs; `scripts/e2e.sh` starts it. */
export const BASE = process.env.E2E_URL ?? 'http://127.0.0.1:8080';
const PASSWORD = process.env.E2E_PASSWORD ?? 'demo-hraun-64';
export const DISPATCHER = 'dispatcher@hraun.example';
export const OWNER = 'owner@hraun.example';
export const TECHNICIAN = 'technician@hraun.example';

/** Refusals that a page shows on purpose are no faults of its scripts. */
const SHOWN = /status of 4(09|12|22)/;

let browser;
/** Pages of the test that runs, with what must never happen on them. */
let watched = [];
let watching = false;

/** Starts the browser; from then on each test fails with what happened on its pages. */
export async function start() {
  if (!watching && process.env.NODE_TEST_CONTEXT) {
    watching = true;
    afterEach(async () => {
      const faults = watched.flatMap((one) => one.faults);
      await Promise.all(watched.map((one) => one.context.close().catch(() => undefined)));
      watched = [];
      assert.deepEqual(faults, [], 'what happened on the pages of the test');
    });
  }
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  return browser;
}
export async function stop() {
  await browser?.close();
  browser = undefined;
}

/**
 * A page of somebody who is logged in, or of nobody. It remembers what must never happen: errors of scripts, files
 * that are missing, requests to other hosts. Each test fails with what is in `faults` at its end.
 *
 * * `base` and `password`: of another server than the demo.
 * * `expect`: what may stand in its console, since the test brings it about.
 * * `hosts`: other hosts that the test itself serves.
 * * `context`: where the page is to be opened, instead of a new one.
 */
export async function open(email, path, { base = BASE, password = PASSWORD, expect = [], hosts = [], context: known, ...options } = {}) {
  const context = known ?? await (await start()).newContext({ baseURL: base, viewport: { width: 1440, height: 900 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  const faults = [];
  const meant = [SHOWN, ...expect];
  page.on('console', (message) => {
    if (message.type() !== 'error' || meant.some((one) => one.test(message.text()))) return;
    faults.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const url = new URL(request.url());
    const own = url.origin === new URL(base).origin || hosts.includes(url.host);
    if (!['data:', 'blob:'].includes(url.protocol) && !own) faults.push(`outside: ${url.origin}`);
  });
  watched.push({ context, faults });
  if (email && !known) await login(context, email, password, base);
  if (path) await page.goto(path);
  return { page, context, faults };
}

/** Sessions by server and member: who logs in too often is asked to wait. */
const sessions = new Map();

export async function login(context, email, password = PASSWORD, base = BASE) {
  const known = sessions.get(`${base} ${email}`);
  if (known) {
    await context.addCookies(known);
    return;
  }
  const answer = await context.request.post('/api/v1/session', { data: { email, password }, headers: { 'x-requested-with': 'e2e' } });
  assert.equal(answer.status(), 200, `login of ${email}`);
  sessions.set(`${base} ${email}`, await context.cookies());
}
export const password = PASSWORD;

/** The API with the session of a page. */
export async function call(context, method, path, data) {
  const answer = await context.request.fetch(`/api/v1${path}`, { method, data, headers: { 'x-requested-with': 'e2e' } });
  const text = await answer.text();
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** A visit of a location that waits to be placed. */
export async function waitingVisit(context, location, title) {
  const service = (await call(context, 'GET', '/services')).items.find((one) => one.name === 'Listing photos');
  const place = { lat: 64.1385, lon: -21.9, address: { street: title, house_number: '9', postcode: '105', city: 'Reykjavík' } };
  return call(context, 'POST', '/visits', { service_ids: [service.id], location_id: location, place, title });
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

/** Fails with every rule that a page breaks, or every one of some. */
export async function accessible(page, what, rules = null) {
  if (!(await page.evaluate(() => 'axe' in window))) {
    // Past the Content-Security-Policy, which lets no script in from here.
    const { readFileSync } = await import('node:fs');
    await page.evaluate(readFileSync(AXE, 'utf8'));
  }
  const only = rules ? { type: 'rule', values: rules } : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
  const look = () => page.evaluate((runOnly) => window.axe.run(document, { runOnly, resultTypes: ['violations'] }), only);
  let found = await look();
  if (found.violations.length > 0) {
    // A colour may have been on its way to another: wrong is what still is after a moment.
    await page.waitForTimeout(500);
    found = await look();
  }
  const told = found.violations.map((one) => `${one.id}: ${one.help}\n    ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join('\n    ')}`);
  assert.deepEqual(told, [], what);
}

/** The working day that comes next, or the one after so many more; the demo has visits on each, in its zone. */
export function workday(after = 1) {
  const date = new Date();
  for (let left = after; left > 0;) {
    date.setUTCDate(date.getUTCDate() + 1);
    if (![0, 6].includes(date.getUTCDay())) left -= 1;
  }
  return date.toISOString().slice(0, 10);
}
