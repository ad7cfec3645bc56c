// Calendars, messages, the waitlist and a service's questions: connected, told, offered, asked.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { BASE, DISPATCHER, OWNER, TECHNICIAN, accessible, call, eventually, open, start, stop } from './harness.js';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const run = Date.now().toString(36).slice(-4);
before(start);
after(stop);

test('a technician subscribes to the own visits, and sees what cannot be connected and why', async () => {
  const { page, context } = await open(TECHNICIAN, '/calendars', { ...PHONE, expect: [/status of 4\d\d/] });
  await page.getByRole('button', { name: 'Connect a calendar' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('google.client_id').waitFor();
  assert.equal(await dialog.getByRole('button', { name: 'Google Calendar' }).isDisabled(), true);
  await accessible(page, 'where to connect');
  await dialog.getByRole('button', { name: 'CalDAV' }).click();
  await dialog.getByLabel('Address of the server or calendar').fill('https://');
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  await dialog.locator('[aria-invalid="true"]').first().waitFor();
  await accessible(page, 'faults of a connection');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  const feed = page.getByRole('region', { name: 'Subscribe to visits' });
  await feed.getByRole('button', { name: 'Make an address' }).click();
  const address = await feed.getByLabel('Secret address').inputValue();
  const answer = await context.request.get(BASE + new URL(address).pathname);
  assert.match(await answer.text(), /^BEGIN:VCALENDAR/);
  page.on('dialog', (asked) => asked.accept());
  await feed.getByRole('button', { name: 'Revoke' }).click();
  await feed.getByRole('button', { name: 'Make an address' }).waitFor();
  assert.equal((await context.request.get(BASE + new URL(address).pathname)).status(), 404);
  await accessible(page, 'own calendars');
  await context.close();
});

test('rules of messages are changed: a reminder more, quiet hours, who hears of new bookings', async () => {
  const { page, context } = await open(OWNER, '/board/setup/messages');
  const before_ = await call(context, 'GET', '/message-settings');
  const reminders = page.getByRole('group', { name: 'Reminders' }).last();
  await reminders.getByRole('button', { name: 'Add' }).first().click();
  await page.getByLabel('Before the visit').last().selectOption('120');
  await page.getByLabel('Quiet from').fill('21:00');
  await page.getByLabel('Quiet until').fill('08:00');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').first().waitFor();
  const now = await call(context, 'GET', '/message-settings');
  assert.equal(now.reminders.length, before_.reminders.length + 1);
  assert.equal(now.quiet_hours.from.slice(0, 5), '21:00');
  await page.getByLabel('Quiet until').fill('21:00');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').waitFor();
  await accessible(page, 'faults of the rules of messages');
  await call(context, 'PUT', '/message-settings', { ...before_, revision: now.revision });
  await context.close();
});

test('own words are tried before they are used', async () => {
  const { page, context } = await open(DISPATCHER, '/board/setup/message-templates/new');
  await page.getByLabel('Name').fill(`Kind words ${run}`);
  await page.getByLabel('Subject').fill('Until {date}');
  await page.getByLabel('Words', { exact: true }).fill('Dear {customer}, {nonsense}');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('{nonsense}', { exact: false }).last().waitFor();
  await page.getByLabel('Words', { exact: true }).fill('Dear {customer}, we come to {address}.');
  await page.getByRole('button', { name: 'Preview' }).click();
  const shown = page.locator('.shown');
  await shown.waitFor();
  assert.doesNotMatch(await shown.innerText(), /\{/);
  // The mail itself, in a frame that runs nothing, leads nowhere and asks nobody else.
  const mail = () => page.getByTitle('The e-mail as it will look').evaluate((frame) => {
    const { body } = frame.contentDocument;
    return { text: body.innerText, colour: frame.contentWindow.getComputedStyle(body.firstElementChild).color, html: body.outerHTML, height: frame.clientHeight };
  });
  await eventually('the mail is shown', async () => (await mail()).text.includes('we come to'));
  const made = await mail();
  assert.ok(made.height > 100, `${made.height} px`);
  assert.equal(made.colour, 'rgb(28, 36, 48)');
  const own = `<style>h1 { color: rgb(1, 2, 3) }</style><h1 onclick="document.title = 'no'" style="margin: 7px">Hello {customer}</h1>
    <script>parent.document.title = 'no'</script><img src="https://elsewhere.example/x.png" alt="a logo"><a href="javascript:parent.document.title=1">more</a>`;
  await page.getByLabel(/^HTML/).fill(own);
  await page.getByRole('button', { name: 'Preview' }).click();
  await eventually('own HTML is shown', async () => (await mail()).text.includes('Hello'));
  const shownMail = await mail();
  assert.equal(shownMail.colour, 'rgb(1, 2, 3)');
  assert.match(shownMail.html, /style="margin: 7px;"/);
  assert.doesNotMatch(shownMail.html, /<script|onclick|href=|src=|<style/);
  assert.notEqual(await page.title(), 'no');
  await page.getByLabel(/^HTML/).fill('');
  await page.getByLabel('To which address').fill('somebody@example.com');
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByText('Sent', { exact: true }).waitFor();
  await accessible(page, 'words tried out');
  await context.close();
});

test('a webhook is tested, its delivery stands in its log, and its secret is renewed', async () => {
  const heard = [];
  const receiver = createServer((request, answer) => { heard.push(request.headers); answer.end(); });
  await new Promise((listening) => { receiver.listen(0, '127.0.0.1', listening); });
  const { page, context } = await open(OWNER, '/board/setup/webhooks/new');
  await page.getByLabel('Name').fill(`Receiver ${run}`);
  await page.getByLabel('Address').fill(`http://127.0.0.1:${receiver.address().port}/`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/webhooks\/[0-9a-f-]{36}/);
  await page.getByRole('button', { name: 'Show the secrets' }).click();
  const secret = await page.locator('li code').first().innerText();
  page.on('dialog', (asked) => asked.accept());
  await page.getByRole('button', { name: 'New secret' }).click();
  await page.locator('li code').nth(1).waitFor();
  assert.notEqual(await page.locator('li code').first().innerText(), secret);
  await page.getByRole('button', { name: 'Send a test' }).click();
  const log = page.getByRole('region', { name: 'Deliveries' });
  // Loopback is private: refused, visibly, and it may be sent again.
  for (let tries = 0; tries < 30 && !(await log.locator('.chip').count()); tries += 1) {
    await page.waitForTimeout(300);
    await log.getByRole('button', { name: 'Refresh' }).click();
  }
  await log.locator('.chip').first().waitFor();
  await log.getByText('What it said, and what was tried').first().click();
  await log.locator('ol li').first().waitFor();
  await accessible(page, 'a webhook with a delivery');
  const id = page.url().split('/').at(-1);
  await call(context, 'DELETE', `/webhooks/${id}`);
  receiver.close();
  await context.close();
});

test('what was told about a booking is one log on its page', async () => {
  const { page, context } = await open(DISPATCHER);
  const booking = (await call(context, 'GET', '/bookings?when=upcoming&limit=1')).items[0];
  await page.goto(`${BASE}/board/bookings?booking=${booking.id}`);
  const panel = page.getByRole('complementary', { name: 'Booking' });
  await panel.getByRole('heading', { name: 'Messages' }).waitFor();
  await panel.getByText('Customer’s page of this booking').waitFor();
  await accessible(page, 'messages of a booking');
  await context.close();
});

test('a customer who wants no e-mails gets none, and the page says who said so', async () => {
  const { page, context } = await open(DISPATCHER);
  const customer = await call(context, 'POST', '/customers', { name: `Quiet ${run}`, email: 'quiet@example.com' });
  await page.goto(`${BASE}/board/setup/customers/${customer.id}`);
  await page.getByRole('button', { name: /^Wants no more ?: E-mail/ }).click();
  await page.getByText('Said by the office').waitFor();
  const said = await call(context, 'GET', `/customers/${customer.id}/consents`);
  assert.deepEqual(said.items.map((one) => [one.channel, one.granted]), [['email', false]]);
  await accessible(page, 'consents');
  await context.close();
});

test('somebody on the waitlist is offered a time, and another is booked', async () => {
  const { page, context } = await open(DISPATCHER);
  const booking = (await call(context, 'GET', '/bookings?when=upcoming&limit=1')).items[0];
  const visit = await call(context, 'GET', `/visits/${booking.visit_id}`);
  const from = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const service = (await call(context, 'GET', '/services?limit=50')).items.find((one) => one.crew.size === 1 && one.questions.length === 0) ?? (await call(context, 'GET', '/services?limit=1')).items[0];
  for (const name of [`Ari ${run}`, `Bára ${run}`]) {
    await call(context, 'POST', '/waitlist-entries', { location_id: visit.location_id, service_ids: [service.id], place: visit.place, from, until, customer: { name, email: 'waits@example.com' } });
  }
  await page.goto(`${BASE}/board/waitlist`);
  await page.getByRole('button', { name: new RegExp(`^Offer a time ?: Ari ${run}`) }).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('.slots button').first().waitFor();
  await accessible(page, 'a time to offer');
  await dialog.locator('.slots button').first().click();
  await page.getByText(`Ari ${run} is told.`).waitFor();
  await page.getByRole('button', { name: new RegExp(`^Book for them ?: Bára ${run}`) }).click();
  await page.getByRole('dialog').locator('.slots button').first().click();
  await page.getByText(`Booked for Bára ${run}.`).waitFor();
  const all = (await call(context, 'GET', '/waitlist-entries?limit=200')).items.filter((one) => one.customer.name.endsWith(run));
  assert.deepEqual(all.map((one) => one.status).sort(), ['booked', 'ready']);
  await page.goto(`${BASE}/board/waitlist?status=all`);
  await page.getByText(`Ari ${run}`).first().waitFor();
  await accessible(page, 'the waitlist');
  page.once('dialog', (asked) => asked.accept());
  await page.getByRole('button', { name: new RegExp(`^Remove ?: Ari ${run}`) }).click();
  await page.getByText('Deleted').waitFor();
  await context.close();
});

test('a service asks questions, one only after an answer, one that turns people away', async () => {
  const { page, context } = await open(DISPATCHER);
  const made = await call(context, 'POST', '/services', { name: `Roof ${run}`, duration_min: 60, public: false });
  await page.goto(`${BASE}/board/setup/services/${made.id}`);
  await page.getByRole('button', { name: '+ Question' }).click();
  const first = page.getByRole('group', { name: 'Question 1' });
  await first.getByLabel('What the customer reads').fill('Which roof?');
  await first.getByLabel('Answered by').selectOption('choice');
  await first.getByLabel('Answers to choose from, a line each').fill('Flat\nSteep');
  await first.getByLabel('Answers to choose from, a line each').blur();
  await first.getByRole('group', { name: 'With these answers it cannot be booked' }).getByLabel('Steep').check();
  await first.getByLabel('What the customer reads then').fill('Call us about steep roofs.');
  await page.getByRole('button', { name: '+ Question' }).click();
  const second = page.getByRole('group', { name: 'Question 2' });
  await second.getByLabel('What the customer reads').fill('How many square metres?');
  await second.getByLabel(/^Asked/).selectOption({ label: 'Which roof?' });
  await second.getByRole('group', { name: 'After one of these answers' }).getByLabel('Flat').check();
  await accessible(page, 'questions of a service');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').first().waitFor();
  const stored = (await call(context, 'GET', `/services/${made.id}`)).questions;
  assert.deepEqual(stored.map((one) => [one.kind, one.only_if?.answers ?? null, one.disqualifies?.message ?? null]), [['choice', null, 'Call us about steep roofs.'], ['text', ['Flat'], null]]);
  await call(context, 'DELETE', `/services/${made.id}`);
  await context.close();
});

test('notifications that a browser refuses are explained', async () => {
  const { page, context } = await open(TECHNICIAN, '/day', PHONE);
  await page.locator('header button').last().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('switch', { name: /Notifications/ }).waitFor();
  await dialog.getByRole('link', { name: 'My calendars' }).waitFor();
  await accessible(page, 'the menu of the day');
  await context.close();
});

test('the pages of the documentation that others link to are there', async () => {
  const { page, context } = await open(null, '/docs/calendars/google');
  await page.getByRole('heading', { name: 'Google Calendar', level: 1 }).waitFor();
  await accessible(page, 'a page of the documentation');
  await context.close();
});
