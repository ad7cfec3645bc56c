// A browser for the tests, that notes errors and requests to other hosts, and pictures of every page.

import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import { afterEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';

const root = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(`${root}web/package.json`);
const { chromium } = require('playwright-core');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Where the server answers, without a slash at the end. */
export const BASE = process.env.E2E_URL ?? 'http://127.0.0.1:8080';
/** Where pictures go. */
export const PICTURES = process.env.PICTURES ?? `${root}var/e2e`;
export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 900 };

/** Pages of the test that runs, with what must never happen on them. */
let watched = [];

/** Starts the browser; from then on each test fails with what happened on its pages. */
export function launch() {
  if (process.env.NODE_TEST_CONTEXT) {
    afterEach(async () => {
      const faults = watched.flatMap((one) => one.faults);
      await Promise.all(watched.map((one) => one.context.close().catch(() => undefined)));
      watched = [];
      assert.deepEqual(faults, [], 'what happened on the pages of the test');
    });
  }
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/**
 * A fresh page; errors of scripts, refused resources and requests elsewhere fail the test at its end.
 *
 * * `hosts`: other hosts that the test itself serves.
 * * `expect`: what may stand in its console, since the test brings it about.
 */
export async function open(browser, { size = DESKTOP, js = true, locale = 'en', hosts = [], scheme = 'light', expect = [] } = {}) {
  const context = await browser.newContext({
    viewport: size, javaScriptEnabled: js, locale, colorScheme: scheme,
    isMobile: size === PHONE, hasTouch: size === PHONE, deviceScaleFactor: size === PHONE ? 2 : 1,
  });
  const page = await context.newPage();
  const faults = [];
  const known = [new URL(BASE).host, ...hosts];
  page.on('console', (line) => {
    // A refusal that a page shows on purpose is no fault of a script.
    if (line.type() === 'error' && ![/status of 4(09|12|22)/, ...expect].some((one) => one.test(line.text()))) faults.push(line.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && !known.includes(url.host)) faults.push(`asked ${url}`);
  });
  watched.push({ context, faults });
  return { page, context };
}

/** Faults of accessibility, WCAG 2.2 AA and best practice. */
export async function axe(page) {
  // Scripts from elsewhere are refused by the pages' policy; the debugger's are not.
  await page.evaluate(AXE);
  const result = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

/** A picture of the page, and no fault of accessibility in it. */
export async function look(page, name, { check = true } = {}) {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
  if (check) assert.deepEqual(await axe(page), [], name);
}

/** Asks the API as the demo's owner. */
export async function owner() {
  const body = JSON.stringify({ email: 'owner@hraun.example', password: 'demo-hraun-64' });
  const headers = { 'content-type': 'application/json' };
  const login = await fetch(`${BASE}/api/v1/session`, { method: 'POST', headers, body });
  assert.equal(login.status, 200, await login.clone().text());
  const cookie = login.headers.get('set-cookie').split(';')[0];
  return async (method, path, value) => {
    const answer = await fetch(`${BASE}/api/v1${path}`, {
      method,
      headers: { ...headers, cookie, 'x-requested-with': 'test' },
      body: value === undefined ? undefined : JSON.stringify(value),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
}
