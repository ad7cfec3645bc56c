// Notifications of a technician's phone: what the service worker shows of what the server sends, and where it leads.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BASE, DISPATCHER, TECHNICIAN, call, eventually, open, start, stop } from './harness.js';

const PHONE = { viewport: { width: 412, height: 823 }, hasTouch: true };
before(start);
after(stop);

/** Hands news to the service worker of the day, as the browser does once it has decrypted a push. */
async function pusher(page, context) {
  const session = await context.newCDPSession(page);
  const registered = new Promise((done) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const own = registrations.find((one) => !one.isDeleted && new URL(one.scopeURL).pathname === '/day');
      if (own) done(own.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  const registrationId = await registered;
  return (data) => session.send('ServiceWorker.deliverPushMessage', { origin: BASE, registrationId, data });
}

/** How far the service worker is, and what the phone shows. */
const shown = (page) => page.evaluate(async () => {
  const own = await navigator.serviceWorker.getRegistration('/day');
  const all = (await own?.getNotifications()) ?? [];
  return { active: own?.active?.state, all: all.map(({ title, body, tag }) => ({ title, body, tag })) };
});

test('a technician is shown each piece of news in its words, and a tap leads to the day', async () => {
  const { context: desk } = await open(DISPATCHER);
  const words = (kind) => call(desk, 'POST', '/message-templates:preview', { kind, channel: 'push', locale: 'en' });
  const [added, changed] = [await words('visit_new'), await words('visit_changed')];
  const { page, context } = await open(TECHNICIAN, null, PHONE);
  await context.grantPermissions(['notifications'], { origin: BASE });
  const working = context.waitForEvent('serviceworker');
  await page.goto('/day');
  const worker = await working;
  await eventually('the service worker runs', async () => (await shown(page)).active === 'activated');
  const push = await pusher(page, context);
  // As the server writes it: src/notify/push.rs.
  const news = (id, { subject, text }) => JSON.stringify({ id, title: subject, body: text, url: null });
  await push(news('1', added));
  await eventually('the first is shown', async () => (await shown(page)).all.length === 1);
  const [first] = (await shown(page)).all;
  assert.deepEqual(first, { title: added.subject, body: added.text, tag: '1' });
  assert.match(first.body, /\S/);
  await push(news('2', changed));
  await eventually('the second does not replace the first', async () => (await shown(page)).all.length === 2);
  await push(news('2', { ...changed, text: 'Once more' }));
  await eventually('told again it replaces itself', async () => (await shown(page)).all.some((one) => one.body === 'Once more'));
  assert.equal((await shown(page)).all.length, 2);
  await push('no JSON');
  await eventually('what cannot be read is shown by the name alone', async () => (await shown(page)).all.some((one) => one.title === 'Roundsman' && one.body === ''));

  // A tap, which only the system can make: to the page that is open, and to a new one where there is none.
  const led = await worker.evaluate(async () => {
    const to = [];
    WindowClient.prototype.focus = async function focus() { to.push(`focus ${new URL(this.url).pathname}`); };
    self.clients.openWindow = async (path) => { to.push(`open ${path}`); };
    const tap = async () => {
      const [notification] = await self.registration.getNotifications();
      let work;
      const event = new NotificationEvent('notificationclick', { notification });
      event.waitUntil = (promise) => { work = promise; };
      self.dispatchEvent(event);
      await work;
    };
    await tap();
    const { matchAll } = self.clients;
    self.clients.matchAll = async () => [];
    await tap();
    self.clients.matchAll = matchAll;
    return { to, left: (await self.registration.getNotifications()).length };
  });
  assert.deepEqual(led, { to: ['focus /day', 'open /day'], left: 1 });
});

test('a browser that never hears from its push service leaves nobody waiting', async () => {
  const { page, context } = await open(TECHNICIAN, null, PHONE);
  await context.grantPermissions(['notifications'], { origin: BASE });
  await page.clock.install();
  await page.addInitScript(() => { PushManager.prototype.subscribe = () => new Promise(() => {}); });
  await page.route('**/api/v1/push/key', (route) => route.fulfill({ json: { key: 'BAAA' } }));
  await page.goto('/day');
  await page.locator('header button').last().click();
  const push = page.getByRole('switch', { name: /Notifications/ });
  await push.click();
  await eventually('it waits', () => push.isDisabled());
  await page.clock.fastForward(21_000);
  await page.getByText('That did not work.').waitFor();
  assert.equal(await push.isDisabled(), false);
});
