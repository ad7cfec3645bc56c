// Connecting a calendar of Google and of Microsoft: to the page where its owner consents, back, and which calendar is for what.
// Both are stood in for here, as far as the way needs them; `scripts/e2e.sh` tells a server that they are on this machine.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { accessible, call, eventually, open, start, stop } from './harness.js';

const [base, port] = (process.env.E2E_CONNECT ?? '').split(' ');
const skip = base ? false : 'only with E2E_CONNECT';
const OWNER = 'owner@story.example';
const PASSWORD = 'story-of-a-day-64';
const run = Date.now().toString(36).slice(-4);
const TECHNICIAN = `tengja-${run}@story.example`;

/** Codes that were given on a consent page, with what they are for. */
const codes = new Map();
const OWN = { google: 'anna@gmail.example', microsoft: 'anna@outlook.example' };
const GOOGLE = { kind: 'calendar#calendarList', items: [
  { id: OWN.google, summary: 'Anna', primary: true, accessRole: 'owner', timeZone: 'Atlantic/Reykjavik' },
  { id: 'family@group.calendar.example', summary: 'Family', accessRole: 'reader', timeZone: 'Atlantic/Reykjavik' },
] };
const MICROSOFT = { value: [
  { id: 'AAA', name: 'Calendar', isDefaultCalendar: true, canEdit: true, owner: { name: 'Anna', address: OWN.microsoft } },
  { id: 'BBB', name: 'Holidays', isDefaultCalendar: false, canEdit: false, owner: { name: 'Anna', address: OWN.microsoft } },
] };

function consent(vendor, url) {
  const get = (name) => url.searchParams.get(name);
  const back = new URL(get('redirect_uri'));
  const code = `code-${codes.size + 1}`;
  codes.set(code, { vendor, challenge: get('code_challenge'), redirect: get('redirect_uri') });
  back.searchParams.set('state', get('state'));
  const [yes, no] = [new URL(back), new URL(back)];
  yes.searchParams.set('code', code);
  no.searchParams.set('error', 'access_denied');
  const link = (to, words) => `<a href="${to.href.replaceAll('&', '&amp;')}">${words}</a>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${vendor}</title><h1>${get('client_id')} wants to see your calendars</h1>${link(yes, 'Allow')} ${link(no, 'Deny')}`;
}

function tokens(form) {
  const code = codes.get(form.get('code'));
  const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
  if (!code || code.challenge !== challenge || code.redirect !== form.get('redirect_uri')) return [400, { error: 'invalid_grant' }];
  codes.delete(form.get('code'));
  return [200, { access_token: `access-${code.vendor}`, refresh_token: `refresh-${code.vendor}`, expires_in: 3600, token_type: 'Bearer' }];
}

/** What a vendor answers: its pages, its tokens, its calendars, and that nothing is in them. */
function answer(request, url, form) {
  const path = url.pathname;
  if (path === '/google/accounts/o/oauth2/v2/auth') return [200, consent('google', url)];
  if (path === '/microsoft/login/common/oauth2/v2.0/authorize') return [200, consent('microsoft', url)];
  if (['/google/oauth/token', '/microsoft/login/common/oauth2/v2.0/token'].includes(path)) return tokens(form);
  const vendor = path.split('/')[1];
  if (request.headers.authorization !== `Bearer access-${vendor}`) return [401, { error: { code: 401, message: 'no token' } }];
  if (path === '/google/api/users/me/calendarList') return [200, GOOGLE];
  if (path === '/microsoft/graph/v1.0/me/calendars') return [200, MICROSOFT];
  if (request.method === 'GET' && path.endsWith('/events')) return [200, { items: [], value: [], nextSyncToken: 'one' }];
  if (request.method === 'GET' && path.endsWith('/calendarView/delta')) return [200, { value: [], '@odata.deltaLink': `${url.origin}${path}?$deltatoken=one` }];
  return [404, { error: { code: 404, message: 'not here' } }];
}

let vendors;
let technician;
before(async () => {
  if (skip) return;
  vendors = createServer((request, response) => {
    const url = new URL(request.url, `http://127.0.0.1:${port}`);
    let text = '';
    request.on('data', (part) => { text += part; });
    request.on('end', () => {
      const [status, body] = answer(request, url, new URLSearchParams(text));
      const page = typeof body === 'string';
      response.writeHead(status, { 'content-type': page ? 'text/html; charset=utf-8' : 'application/json' });
      response.end(page ? body : JSON.stringify(body));
    });
  });
  await new Promise((done) => { vendors.listen(Number(port), '127.0.0.1', done); });
  await start();
  const { context } = await open(OWNER, null, { base, password: PASSWORD });
  const home = { lat: 64.1405, lon: -21.9055 };
  const location = await call(context, 'POST', '/locations', { name: `Reykjavík ${run}`, time_zone: 'Atlantic/Reykjavik', place: home });
  technician = await call(context, 'POST', '/technicians', { name: 'Anna Tengja', location_id: location.id });
  await call(context, 'POST', '/members', { name: 'Anna Tengja', email: TECHNICIAN, role: 'technician', technician_id: technician.id, password: PASSWORD });
});
after(async () => {
  await stop();
  vendors?.closeAllConnections();
  await new Promise((done) => { vendors ? vendors.close(done) : done(); });
});

for (const [vendor, button, calendar, readOnly] of [['google', 'Google Calendar', 'Anna', 'Family'], ['microsoft', 'Microsoft 365 and Outlook', 'Calendar', 'Holidays']]) {
  test(`a technician connects a calendar of ${vendor} by its consent page and chooses what it is for`, { skip }, async () => {
    const { page, context } = await open(TECHNICIAN, '/calendars', { base, password: PASSWORD, hosts: [`127.0.0.1:${port}`] });
    const begin = async () => {
      await page.getByRole('button', { name: 'Connect a calendar' }).click();
      await page.getByRole('dialog').getByRole('button', { name: button }).click();
      await page.getByRole('heading', { name: 'wants to see your calendars' }).waitFor();
    };
    const accounts = async () => (await call(context, 'GET', '/calendar-accounts')).items.filter((one) => one.provider === vendor);
    // Who does not consent comes back, is told, and nothing is connected.
    await begin();
    await page.getByRole('link', { name: 'Deny' }).click();
    await page.waitForURL('**/calendars');
    await page.locator('.toast').first().waitFor();
    assert.deepEqual(await accounts(), []);
    await begin();
    await page.getByRole('link', { name: 'Allow' }).click();
    await page.waitForURL('**/calendars');
    const account = page.getByRole('article', { name: OWN[vendor] });
    await account.waitFor();
    await accessible(page, `a calendar of ${vendor}`);
    const uses = account.getByRole('group', { name: calendar, exact: true });
    await uses.getByLabel('Visits are written here').check();
    await eventually('it receives visits', async () => (await accounts())[0].calendars.find((one) => one.name === calendar).receives);
    assert.equal(await account.getByRole('group', { name: readOnly }).getByLabel('Visits are written here').count(), 0);
    const [connected] = await accounts();
    assert.equal(connected.login, OWN[vendor]);
    assert.equal(connected.technician_id, technician.id);
    assert.ok(!JSON.stringify(connected).includes('refresh-'), 'no token is told');
    await eventually('its calendar is read', async () => (await accounts())[0].calendars.some((one) => one.status === 'ok'));
    assert.ok(!new URL(page.url()).search.includes('code'), page.url());
  });
}
