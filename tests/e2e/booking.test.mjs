// Customers in a real browser: booking, what goes wrong on the way, managing, following, the widget.
// Needs the demo company at E2E_URL; `scripts/e2e.sh` starts one.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { BASE, DESKTOP, PHONE, launch, look, open, owner } from './browser.mjs';

let browser;
let api;
before(async () => {
  browser = await launch();
  api = await owner();
});
after(() => browser.close());

const BOOK = `${BASE}/book/hraun`;

/** The box of a service by its whole name. */
function box(page, service) {
  return page.locator('label.card').filter({ has: page.locator('b', { hasText: new RegExp(`^${service}$`) }) }).getByRole('checkbox');
}

/** Chooses a service by its name and goes on to the address. */
async function choose(page, service, start = BOOK) {
  await page.goto(start);
  await box(page, service).check();
  await page.getByRole('button', { name: /Next/ }).click();
  await page.waitForURL(/\/place/);
}

/** Types an address and takes it. */
async function settle(page, address) {
  await page.locator('#q').fill(address);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.waitForURL(/#chosen/);
}

async function answerPhotos(page) {
  await page.getByLabel('House', { exact: true }).check();
  await page.getByLabel('How do we get in?').selectOption('I am there');
  await page.getByRole('button', { name: /Next/ }).click();
  await page.waitForURL(/\/time/);
}

async function contact(page, name) {
  await page.locator('#name').fill(name);
  await page.locator('#email').fill('ada@customer.example');
  await page.getByRole('button', { name: 'Book now' }).click();
  await page.waitForURL(/\/done/);
}

/** From the start to a booking; the page shows the confirmation. */
async function book(page, name, start) {
  await choose(page, 'Listing photos', start);
  await settle(page, 'Skeifan 15, 108');
  await page.getByRole('link', { name: 'Yes, come here' }).click();
  await answerPhotos(page);
  await page.locator('#day .starts button').first().click();
  await page.waitForURL(/\/confirm/);
  await contact(page, name);
  return (await page.locator('.code b').textContent()).trim();
}

for (const [device, size] of [['phone', PHONE], ['desktop', DESKTOP]]) {
  test(`a customer books, moves and calls off on a ${device}`, async () => {
    const { page, context } = await open(browser, { size });
    const shot = (name) => look(page, `booking-${name}-${device}`);
    await page.goto(BOOK);
    await box(page, 'Listing photos').check();
    await box(page, 'Floor plan').check();
    // 60 and 40 minutes of work, setting up and packing up once: 110 minutes.
    assert.match(await page.locator('#total').textContent(), /1 h 50 min/);
    await box(page, 'Floor plan').uncheck();
    await shot('1-service');
    await page.getByRole('button', { name: /Next/ }).click();
    await page.waitForURL(/\/place/);
    // By keyboard alone: type, go down the list, take one.
    await page.locator('#q').pressSequentially('skeif', { delay: 20 });
    await page.locator('.found [role=option]').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('#q').pressSequentially('15');
    await page.locator('.found [role=option]', { hasText: 'Skeifan 15,' }).waitFor();
    await shot('2-suggestions');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#chosen/);
    await page.getByText('We come here').waitFor();
    await shot('2-place');
    await page.getByRole('link', { name: 'Yes, come here' }).click();
    await page.waitForURL(/\/questions/);
    assert.equal(await page.getByLabel('Code of the key box').isVisible(), false);
    await page.getByLabel('House', { exact: true }).check();
    await page.getByLabel('How do we get in?').selectOption('A key box');
    assert.equal(await page.getByLabel('Code of the key box').isVisible(), true);
    await page.getByRole('button', { name: /Next/ }).click();
    await page.locator('#e_key_code').waitFor();
    await page.getByLabel('Code of the key box').fill('2468');
    await shot('3-questions');
    await page.getByRole('button', { name: /Next/ }).click();
    await page.waitForURL(/\/time/);
    await shot('4-time');
    // Another part of the day, without a new page.
    await page.getByRole('radio', { name: 'Afternoon' }).check();
    await page.waitForURL(/part=afternoon/);
    await page.locator('main:not([aria-busy])').waitFor();
    const first = await page.locator('#day .starts button').first().textContent();
    assert.ok(Number(first.slice(0, 2)) >= 12, first);
    // The last of the good ones is on another day: what is soon can no longer be moved.
    await page.locator('.recommended .picks button').last().click();
    await page.waitForURL(/\/confirm/);
    await page.getByText(/\d:\d\d left/).waitFor();
    await shot('5-confirm');
    await page.getByRole('button', { name: 'Book now' }).click();
    await page.locator('#e_email').waitFor();
    await contact(page, 'Ada Lovelace');
    await shot('6-done');
    const code = (await page.locator('.code b').textContent()).trim();
    const [list] = [(await api('GET', `/bookings?q=${code}`)).items];
    assert.equal(list.length, 1);
    assert.deepEqual(list[0].answers.map((one) => one.key), ['home', 'entry', 'key_code']);

    await page.getByRole('link', { name: 'Move or cancel' }).click();
    await page.waitForURL(/\/manage\//);
    await shot('7-manage');
    await page.getByRole('link', { name: 'Choose another time' }).click();
    await shot('8-move');
    // To the last day there is, for the same reason.
    await page.locator('.calendar td a').last().click();
    await page.locator('main:not([aria-busy]) .calendar td a').last().and(page.locator('[aria-current]')).waitFor();
    await page.locator('#day .starts button').last().click();
    await page.getByText('Your booking has been moved.').waitFor();
    await page.getByRole('link', { name: 'Cancel the booking' }).click();
    await shot('9-cancel');
    await page.getByLabel('My plans have changed').check();
    await page.getByRole('button', { name: 'Cancel now' }).click();
    await page.getByText('Your booking has been cancelled.').waitFor();
    await shot('10-cancelled');
    const after = await api('GET', `/bookings/${list[0].id}`);
    assert.deepEqual([after.status, after.cancel_reason], ['cancelled', 'My plans have changed']);
    await context.close();
  });
}

test('everything works with scripts switched off, in Icelandic', async () => {
  const { page, context } = await open(browser, { size: PHONE, js: false, locale: 'is' });
  await page.goto(BOOK);
  await box(page, 'Listing photos').check();
  await page.getByRole('button', { name: /Næst/ }).click();
  await page.locator('#q').fill('laugavegi');
  await page.getByRole('button', { name: 'Leita' }).click();
  await page.locator('#q').fill('laugavegur');
  await page.getByRole('button', { name: 'Leita' }).click();
  // A street without a number: its houses are buttons.
  await page.screenshot({ path: `${process.env.PICTURES ?? 'var/e2e'}/booking-nojs-houses.png`, fullPage: true });
  await page.locator('.found button').nth(4).click();
  await page.getByRole('link', { name: 'Já, komið hingað' }).click();
  await page.getByLabel('Flat', { exact: true }).check();
  await page.getByLabel('How do we get in?').selectOption('A key box');
  await page.getByRole('button', { name: /Næst/ }).click();
  // The server asks what the answer brought up.
  await page.getByLabel('Code of the key box').fill('2468');
  await page.getByRole('button', { name: /Næst/ }).click();
  await page.locator('#day .starts button').first().click();
  await page.locator('#name').fill('Guðrún Jónsdóttir');
  await page.locator('#phone').fill('555 1234');
  await page.getByRole('button', { name: 'Bóka núna' }).click();
  await page.getByText('Heimsóknin er bókuð').waitFor();
  await page.screenshot({ path: `${process.env.PICTURES ?? 'var/e2e'}/booking-nojs-done.png`, fullPage: true });
  const href = await page.getByRole('link', { name: 'Setja í dagatalið mitt' }).getAttribute('href');
  const file = await (await fetch(BASE + href)).text();
  assert.match(file, /^BEGIN:VCALENDAR\r\n/);
  await context.close();
});

test('what was typed is there still when the time to book has run out', async () => {
  const { page, context } = await open(browser, { size: PHONE });
  await choose(page, 'Listing photos');
  await settle(page, 'Skeifan 15, 108');
  await page.getByRole('link', { name: 'Yes, come here' }).click();
  await answerPhotos(page);
  // A clock that can be put forward, on the page that is open.
  await page.addInitScript(() => {
    const now = Date.now;
    window.ahead = 0;
    Date.now = () => now() + window.ahead;
  });
  await page.locator('#day .starts button').first().click();
  await page.getByText(/\d:\d\d left/).waitFor();
  await page.locator('#name').fill('Seinn Sveinsson');
  await page.locator('#email').fill('seinn@customer.example');
  await Promise.all([page.waitForEvent('load'), page.evaluate(() => { window.ahead = 3_600_000; })]);
  assert.match(page.url(), /\/confirm/);
  // For the server, whose clock went on as usual, there is time left: so the form stands there again.
  assert.equal(await page.locator('#name').inputValue(), 'Seinn Sveinsson');
  assert.equal(await page.locator('#email').inputValue(), 'seinn@customer.example');
  assert.deepEqual((await api('GET', '/bookings?q=Seinn')).items, [], 'nothing was booked');
  await context.close();
});

test('a time that somebody else takes is answered with the nearest others', async () => {
  const one = await open(browser);
  const other = await open(browser);
  const starts = [];
  for (const { page } of [one, other]) {
    await choose(page, 'Listing photos');
    await settle(page, 'Skeifan 15, 108');
    await page.getByRole('link', { name: 'Yes, come here' }).click();
    await answerPhotos(page);
    // The same person, so that only one of the two can have the time.
    await page.getByLabel('Who shall come?').selectOption({ index: 1 });
    await page.waitForURL(/with=/);
    await page.locator('main:not([aria-busy])').waitFor();
    starts.push(await page.locator('#day .starts button').first().getAttribute('value'));
  }
  assert.equal(starts[0], starts[1]);
  await one.page.locator('#day .starts button').first().click();
  await one.page.waitForURL(/\/confirm/);
  await other.page.locator('#day .starts button').first().click();
  await other.page.getByText('This time has just been taken').waitFor();
  await look(other.page, 'booking-taken-desktop');
  await other.page.locator('.picks button').first().click();
  await other.page.waitForURL(/\/confirm/);
  await one.context.close();
  await other.context.close();
});

test('outside the area a customer is told kindly and leaves a name', async () => {
  const { page, context } = await open(browser, { size: PHONE });
  await choose(page, 'Listing photos');
  await page.getByRole('link', { name: /set a pin/ }).click();
  // Borgarnes has roads, but lies beyond every zone of the company.
  await page.locator('#street').fill('Borgarbraut');
  await page.locator('#city').fill('Borgarnes');
  await page.evaluate(() => {
    document.querySelector('[name=lat]').value = '64.5390';
    document.querySelector('[name=lon]').value = '-21.9200';
  });
  await page.locator('input[type=image]').click({ position: { x: 144, y: 144 } });
  await page.getByText('The pin is set').waitFor();
  await look(page, 'booking-pin-phone');
  await page.getByRole('button', { name: 'This is the place' }).click();
  await page.waitForURL(/#chosen/);
  await page.getByText('We do not come here yet').waitFor();
  await look(page, 'booking-outside-phone');
  await page.getByRole('link', { name: 'Leave my name' }).click();
  await page.locator('#name').fill('Ari');
  await page.locator('#email').fill('ari@customer.example');
  await page.getByRole('button', { name: 'Tell me' }).click();
  await page.getByText('You are on the list').waitFor();
  await look(page, 'booking-outside-joined-phone');
  await context.close();
});

test('an answer that disqualifies says what to do instead', async () => {
  const { page, context } = await open(browser);
  await choose(page, 'Heat pump repair');
  await settle(page, 'Skeifan 15, 108');
  await page.getByRole('link', { name: 'Yes, come here' }).click();
  await page.getByLabel(/smells of burning/).check();
  await page.getByLabel('What is wrong?').fill('It drips.');
  await page.getByRole('button', { name: /Next/ }).click();
  await page.getByText('We cannot book this online.').waitFor();
  await look(page, 'booking-disqualified-desktop');
  assert.ok(!page.url().includes('/time'));
  await context.close();
});

test('a customer signs up for the waitlist, in the dark', async () => {
  const { page, context } = await open(browser, { size: PHONE, scheme: 'dark' });
  await choose(page, 'Listing photos');
  await settle(page, 'Skeifan 15, 108');
  await look(page, 'booking-dark-place-phone');
  await page.getByRole('link', { name: 'Yes, come here' }).click();
  await answerPhotos(page);
  await look(page, 'booking-dark-time-phone');
  // Where the system chooses all colours, what is chosen still stands out.
  await page.emulateMedia({ forcedColors: 'active' });
  const ground = (selector) => page.locator(selector).first().evaluate((one) => getComputedStyle(one).backgroundColor);
  assert.notEqual(await ground('.chip :checked + span'), await ground('.chip :not(:checked) + span'), 'the part of the day');
  await page.emulateMedia({ forcedColors: 'none' });
  await page.getByRole('link', { name: /Nothing suits/ }).click();
  await page.locator('#name').fill('Bára');
  await page.locator('#phone').fill('+354 555 1234');
  await page.getByLabel('Part of the day').selectOption('evening');
  await look(page, 'booking-waitlist-phone');
  await page.getByRole('button', { name: 'Tell me' }).click();
  await page.getByText('You are on the list').waitFor();
  const waiting = await api('GET', '/waitlist-entries?status=waiting&q=B%C3%A1ra');
  assert.equal(waiting.items[0].part_of_day, 'evening');
  await context.close();
});

/** A booking of the test's own that is done today, whenever that is: what was agreed for later is moved to the end of today. */
async function bookedToday() {
  const { items: services } = await api('GET', '/services?limit=100');
  const service = services.find((one) => one.name === 'Heat pump repair');
  const place = { lat: 64.11, lon: -21.89, address: { street: 'Álfabakki', house_number: '12', postcode: '109', city: 'Reykjavík' } };
  const date = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const found = await api('POST', '/slots:search', { service_ids: [service.id], place, from: date(1), until: date(14), limit: 1 });
  const [slot] = found.days.flatMap((day) => day.slots);
  assert.ok(slot, 'the demo has a free slot within two weeks');
  const booking = await api('POST', '/bookings', {
    slot: { service_ids: [service.id], location_id: found.location_id, place, start: slot.start }, customer: { name: 'Fylgja Dóttir' },
  });
  const [{ technician_id }] = booking.assignments;
  const day = await api('GET', `/technicians/${technician_id}/day?date=${date(0)}`);
  const ends = [...day.shifts.flatMap((shift) => shift.stops), ...day.outside].filter((stop) => stop.visit_id).map((stop) => Date.parse(stop.planned_end));
  const midnight = new Date().setUTCHours(24, 0, 0, 0);
  const start = Math.min(Math.ceil((Math.max(Date.now(), ...ends) + 60_000) / 60_000) * 60_000, midnight - 60_000);
  await api('POST', `/visits/${booking.visit_id}:move`, { start: new Date(start).toISOString(), technician_ids: [technician_id], force: true });
  return booking;
}

test('on the day a customer follows the visit to the door', async () => {
  const booking = await bookedToday();
  const { track } = await api('GET', `/bookings/${booking.id}/links`);
  const { page, context } = await open(browser, { size: PHONE });
  const here = page.locator('[aria-current="step"]');
  await page.goto(track.replace(/^https?:\/\/[^/]+/, BASE));
  await page.locator('h1').waitFor();
  await look(page, 'track-today-phone');
  assert.equal(await here.textContent(), 'Planned');
  for (const [step, title, at] of [['en_route', /^We are on the way/, 'On the way'], ['arrived', /^We are here/, 'Here'], ['finished', /./, 'Done']]) {
    await api('POST', `/visits/${booking.visit_id}:progress`, { step });
    await page.reload();
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    assert.equal(await here.textContent(), at);
    await look(page, `track-${step.replace('_', '-')}-phone`);
  }
  await context.close();
});

test('the widget books inside a page of another origin, and the page hears of it', async () => {
  const host = createServer((request, response) => {
    const mode = new URL(request.url, 'http://x').searchParams.get('mode') ?? 'inline';
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>
      <h1>A shop</h1><script src="${BASE}/widget.js"></script>
      <roundsman-booking organization="hraun" mode="${mode}" label="Book a visit" name="Ada Widget" theme="light" accent="#b00020"></roundsman-booking>
      <script>
        window.heard = [];
        for (const kind of ['ready', 'resize', 'booked']) {
          addEventListener('roundsman-' + kind, (event) => heard.push(event.detail));
        }
      </script></html>`);
  });
  await new Promise((done) => host.listen(0, 'localhost', done));
  const origin = `http://localhost:${host.address().port}`;
  const organization = await api('GET', '/organization');
  organization.booking_page.frame_origins = [origin];
  await api('PUT', '/organization', organization);
  const { page, context } = await open(browser, { hosts: [new URL(origin).host], expect: [/frame-ancestors/] });
  await page.goto(`${origin}/?utm_campaign=spring&utm_source=paper`);
  const frame = page.frameLocator('iframe');
  await box(frame, 'Listing photos').check();
  const colour = (name) => frame.getByRole('button', { name }).evaluate((button) => getComputedStyle(button).backgroundColor);
  assert.equal(await colour(/Next/), 'rgb(176, 0, 32)', 'the accent colour of the site');
  // A frame of another origin is drawn only where it is in sight.
  await page.setViewportSize({ width: DESKTOP.width, height: 1700 });
  await page.screenshot({ path: `${process.env.PICTURES ?? 'var/e2e'}/widget-inline.png`, fullPage: true });
  await page.setViewportSize(DESKTOP);
  await frame.getByRole('button', { name: /Next/ }).click();
  await frame.locator('#q').fill('Skeifan 15, 108');
  await frame.getByRole('button', { name: 'Find' }).click();
  await frame.getByRole('link', { name: 'Yes, come here' }).click();
  await frame.getByLabel('House', { exact: true }).check();
  await frame.getByLabel('How do we get in?').selectOption('I am there');
  await frame.getByRole('button', { name: /Next/ }).click();
  // Where one has read on to, the next page begins at its top.
  const inSight = async (shown) => (await shown.boundingBox()).y >= 0;
  await page.setViewportSize({ width: 390, height: 500 });
  await frame.locator('#day .starts button').last().scrollIntoViewIfNeeded();
  assert.ok(await page.evaluate(() => scrollY > 0), 'the page is scrolled');
  await frame.locator('#day .starts button').last().click();
  await frame.locator('#name').waitFor();
  assert.ok(await inSight(frame.locator('h1')), 'the heading is in sight');
  await page.screenshot({ path: `${process.env.PICTURES ?? 'var/e2e'}/widget-inline-phone.png` });
  await page.setViewportSize(DESKTOP);
  assert.equal(await frame.locator('#name').inputValue(), 'Ada Widget');
  assert.equal(await colour('Book now'), 'rgb(176, 0, 32)', 'it stays through the steps');
  await frame.locator('#email').fill('ada@customer.example');
  // Somebody else's words are not the frame's.
  await page.evaluate(() => window.postMessage({ roundsman: { kind: 'booked', code: 'FORGED' } }, '*'));
  await frame.getByRole('button', { name: 'Book now' }).click();
  await frame.getByText('Your visit is booked').waitFor();
  await page.waitForFunction(() => window.heard.some((one) => one.kind === 'booked'));
  const heard = await page.evaluate(() => window.heard);
  const booked = heard.filter((one) => one.kind === 'booked');
  assert.equal(booked.length, 1);
  assert.equal(booked[0].code, (await frame.locator('.code b').textContent()).trim());
  assert.ok(heard.some((one) => one.kind === 'ready') && heard.some((one) => one.kind === 'resize'));
  const [made] = (await api('GET', `/bookings?q=${booked[0].code}`)).items;
  assert.equal(made.source, 'web:localhost');
  assert.deepEqual(made.campaign, { utm_campaign: 'spring', utm_source: 'paper' });

  await page.goto(`${origin}/?mode=popup`);
  assert.equal(await page.locator('iframe').count(), 0);
  await page.getByRole('button', { name: 'Book a visit' }).click();
  await page.frameLocator('dialog iframe').getByText('What can we do for you?').waitFor();
  await page.screenshot({ path: `${process.env.PICTURES ?? 'var/e2e'}/widget-popup.png` });
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Book a visit' }).click();
  const popup = page.frameLocator('dialog iframe');
  await page.setViewportSize({ width: 390, height: 500 });
  await box(popup, 'Listing photos').check();
  await popup.getByRole('button', { name: /Next/ }).scrollIntoViewIfNeeded();
  assert.ok(await page.evaluate(() => document.querySelector('dialog div').scrollTop > 0), 'the dialog is scrolled');
  assert.ok(await inSight(page.getByRole('button', { name: 'Close' })), 'what closes it stays');
  await popup.getByRole('button', { name: /Next/ }).click();
  await popup.locator('#q').waitFor();
  assert.ok(await inSight(popup.locator('h1')), 'the heading is in sight');
  await page.screenshot({ path: `${process.env.PICTURES ?? 'var/e2e'}/widget-popup-phone.png` });
  await page.setViewportSize(DESKTOP);
  await popup.locator('#q').press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Book a visit' }).click();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.locator('dialog').waitFor({ state: 'detached' });
  await page.goto(`${origin}/?mode=redirect`);
  await page.getByRole('button', { name: 'Book a visit' }).click();
  await page.waitForURL(/\/book\/hraun/);

  // A site that is not on the list gets no frame.
  organization.booking_page.frame_origins = [];
  organization.revision += 1;
  await api('PUT', '/organization', organization);
  const refusal = page.waitForEvent('console', (line) => /frame-ancestors/.test(line.text()));
  await page.goto(origin);
  await refusal;
  const shown = page.frames().find((one) => one.url().startsWith(BASE));
  assert.equal(shown, undefined, 'another site framed the page');
  await context.close();
  host.close();
});
