// What one does on the board, takes back and does again; and what others do meanwhile.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DISPATCHER, OWNER, TECHNICIAN, call, eventually, open, start, stop, waitingVisit, workday } from './harness.js';

const run = Date.now().toString(36).slice(-4);
const date = workday(4);
let locations;
let location;
const board = (more = '') => `/board?location=${location}&date=${date}${more}`;
const named = (title) => `${title} ${run}`;

before(async () => {
  await start();
  const { context } = await open(DISPATCHER);
  locations = (await call(context, 'GET', '/locations')).items;
  location = locations.find((one) => one.name === 'Reykjavík').id;
  await context.close();
});
after(stop);

const waiting = (context, title) => waitingVisit(context, location, title);
const visitOf = (context, visit) => call(context, 'GET', `/visits/${visit.id}`);
/** Gives a visit to somebody who can, at the first time or a later one. */
async function place(context, visit, number = 0) {
  const fits = await call(context, 'POST', '/plans:fits', { visit_id: visit.id, date });
  const found = fits.technicians.filter((one) => one.openings.length > 0)[number];
  await call(context, 'POST', `/visits/${visit.id}:move`, { start: found.openings[0].from, technician_ids: [found.technician_id] });
  return found;
}

test('what does not fit is put there all the same, taken back and put there again', async () => {
  const { page, context } = await open(DISPATCHER, board('&group=none'));
  const visit = await waiting(context, named('Forced'));
  const card = page.locator('.card', { hasText: named('Forced') });
  await card.hover();
  await page.mouse.down();
  await page.mouse.move(300, 500, { steps: 6 });
  const row = page.locator('.person.not').first();
  await row.waitFor();
  const box = await row.boundingBox();
  // Late, when nobody has other work: not even a dispatcher puts two visits in one place.
  await page.mouse.move(1300, box.y + 20, { steps: 3 });
  await page.locator('.ghost.bad').waitFor();
  await page.mouse.up();
  await page.getByRole('button', { name: 'Put it there all the same' }).click();
  await eventually('it is there', async () => (await visitOf(context, visit)).status === 'planned');
  const forced = await visitOf(context, visit);
  const undo = page.getByRole('button', { name: 'Undo' }).first();
  await undo.click();
  await card.waitFor();
  await page.getByRole('button', { name: 'Redo' }).first().click();
  await card.waitFor({ state: 'detached' });
  assert.equal((await visitOf(context, visit)).planned_start, forced.planned_start);
  await undo.click();
  await card.waitFor();
  await context.close();
});

test('a lock is taken back, and what is refused can be tried again', async () => {
  const { page, context } = await open(DISPATCHER);
  const visit = await waiting(context, named('Locked'));
  await place(context, visit);
  await page.goto(board(`&q=${encodeURIComponent(named('Locked'))}`));
  const bar = page.locator(`[data-visit="${visit.id}"]`);
  await bar.focus();
  await page.keyboard.press('k');
  await page.locator(`[data-visit="${visit.id}"].locked`).waitFor();
  const undo = page.getByRole('button', { name: 'Undo' }).first();
  await page.route('**/*:lock', (route) => route.fulfill({ status: 409, contentType: 'application/problem+json', body: '{"status":409,"detail":"not now"}' }), { times: 1 });
  await undo.click();
  await page.locator('.toast.bad', { hasText: 'Not now' }).waitFor();
  await undo.click();
  await eventually('it is free again', async () => (await visitOf(context, visit)).lock === 'none');
  await page.getByRole('button', { name: 'Redo' }).first().click();
  await eventually('and locked again', async () => (await visitOf(context, visit)).lock === 'time');
  await call(context, 'POST', `/visits/${visit.id}:lock`, { lock: 'none' });
  await call(context, 'POST', `/visits/${visit.id}:unassign`);
  await context.close();
});

test('what somebody else did is told with its name, and several changes in one sentence', async () => {
  const other = await open(OWNER);
  const visits = [];
  for (const number of [1, 2, 3]) visits.push(await waiting(other.context, named(`Told ${number}`)));
  const { name } = await call(other.context, 'GET', '/me');
  const { page, context } = await open(DISPATCHER, board());
  await page.locator('.live.on').waitFor();
  await page.locator('.card', { hasText: named('Told 3') }).waitFor();
  const edge = async () => (await page.locator('.stage').boundingBox()).y;
  const before = await edge();
  await place(other.context, visits[0]);
  await page.locator('.toast', { hasText: `${name} placed ${named('Told 1')} with` }).waitFor();
  await page.getByRole('button', { name: /^Changes [1-9]/ }).waitFor();
  assert.equal(await edge(), before, 'nothing moves under the hand');
  await Promise.all([call(other.context, 'POST', `/visits/${visits[1].id}:lock`, { lock: 'both' }), call(other.context, 'POST', `/visits/${visits[2].id}:lock`, { lock: 'both' }), call(other.context, 'POST', `/visits/${visits[0].id}:unassign`)]);
  const many = page.locator('.toast', { hasText: `${name} changed 3 visits` });
  await many.getByText(`${name} took ${named('Told 1')} out of the plan`).waitFor();
  await many.getByText(`${name} locked ${named('Told 2')}`).waitFor();
  for (const one of [other.context, context]) await one.close();
});

test('a company without any location is shown its first steps', async () => {
  const { page, context } = await open(DISPATCHER);
  await page.route('**/api/v1/locations?**', (route) => route.fulfill({ json: { items: [], next_cursor: null } }));
  await page.goto('/board');
  await page.getByRole('link', { name: 'First steps' }).click();
  await page.waitForURL('**/board/start');
  await context.close();
});

test('a booking leads to its visit on the board, whatever its location, and the board shows its row', async () => {
  const { page, context } = await open(DISPATCHER, null, { viewport: { width: 1440, height: 560 } });
  const all = (await call(context, 'GET', '/bookings?when=upcoming&limit=500')).items;
  const elsewhere = all.filter((one) => one.location_id !== locations[0].id && one.status === 'confirmed');
  const [first, last] = [elsewhere[0], elsewhere[elsewhere.length - 1]];
  await page.goto(`/board/bookings?q=${first.code}`);
  await page.locator('tbody tr .link').first().click();
  await page.locator('dd a[href*="visit="]').click();
  const bar = (booking) => page.locator(`[data-row] [data-visit="${booking.visit_id}"]`).first();
  await bar(first).waitFor();
  // Rows of a low window are many more than it shows.
  await page.goto(`/board?location=${last.location_id}&date=${last.window.from.slice(0, 10)}&visit=${last.visit_id}`);
  await bar(last).waitFor();
  const [box, timeline] = [await bar(last).boundingBox(), await page.locator('.timeline').boundingBox()];
  assert.ok(box.y >= timeline.y && box.y + box.height <= timeline.y + timeline.height, `in sight: ${JSON.stringify([box, timeline])}`);
  assert.ok(box.x >= timeline.x && box.x < timeline.x + timeline.width, `in sight: ${JSON.stringify([box, timeline])}`);
  await context.close();
});

test('a proposal that the plan has left behind says so and leads to the one that replaces it', async () => {
  const { page, context } = await open(DISPATCHER);
  const [waits, between] = [await waiting(context, named('Left behind')), await waiting(context, named('Between'))];
  const { id } = await call(context, 'POST', '/plans:optimize', { location_ids: [location], from: date, until: date, time_s: 1 });
  await eventually('the run is over', async () => (await call(context, 'GET', `/optimizations/${id}`)).status === 'finished');
  await page.goto(board());
  await page.getByRole('button', { name: /^[1-9]\d* proposal/ }).click();
  await page.locator('.optimize tbody tr', { hasText: named('Left behind') }).waitFor();
  await place(context, between);
  await page.getByRole('button', { name: /^Accept/ }).click();
  await page.locator('.newer', { hasText: named('Between') }).waitFor();
  await page.getByRole('button', { name: 'Look at the new one' }).click();
  await page.locator('.newer').waitFor({ state: 'detached' });
  await page.locator('.optimize .summary, .optimize footer').first().waitFor();
  for (const one of [waits, between]) await call(context, 'POST', `/visits/${one.id}:cancel`, {}).catch(() => undefined);
  await context.close();
});

test('what was chosen closes its menu, and so do a press elsewhere and Escape', async () => {
  const { page, context } = await open(DISPATCHER, board());
  const more = page.getByRole('button', { name: 'More' });
  const closed = page.locator('button[aria-expanded="false"]', { hasText: 'More' });
  await more.click();
  await page.getByRole('button', { name: 'Score' }).click();
  await closed.waitFor();
  await more.click();
  await page.keyboard.press('Escape');
  await closed.waitFor();
  await more.click();
  await page.locator('.stage').click({ position: { x: 400, y: 20 } });
  await closed.waitFor();
  await context.close();
});

test('on paper the board has all its rows, and a day what its technician needs on the road', async () => {
  const { page, context } = await open(DISPATCHER, board(), { viewport: { width: 1440, height: 500 } });
  await page.locator('.person').first().waitFor();
  const people = (await call(context, 'GET', `/plans/${date}/board?location_id=${location}`)).technicians.length;
  await page.emulateMedia({ media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  assert.equal(await page.locator('.person').count(), people);
  assert.equal(await page.getByRole('toolbar').count(), 0, 'no tools are printed');
  await context.close();
  const other = await open(TECHNICIAN, '/day');
  await other.page.locator('.sheet').waitFor({ state: 'attached' });
  await other.page.emulateMedia({ media: 'print' });
  await other.page.locator('.sheet', { hasText: (await call(other.context, 'GET', '/me')).name }).waitFor();
  assert.equal(await other.page.locator('button:visible, a.button:visible').count(), 0, 'nothing to press on paper');
  await other.context.close();
});

test('a visit that stands between the starts of the grid can be taken up where it stands', async () => {
  const { page, context } = await open(DISPATCHER, board('&group=none'));
  const visit = await waiting(context, named('Off the grid'));
  const free = await call(context, 'POST', '/plans:fits', { visit_id: visit.id, date });
  const even = (one) => one.count > 1;
  const found = free.technicians.find((one) => one.openings.some(even));
  const run = found.openings.find(even);
  // Seven minutes into an even run is no start of the grid.
  const start = new Date(Date.parse(run.from) + 7 * 60_000).toISOString().replace('.000Z', 'Z');
  await call(context, 'POST', `/visits/${visit.id}:move`, { start, technician_ids: [found.technician_id] });
  const fits = await call(context, 'POST', '/plans:fits', { visit_id: visit.id, date });
  const own = fits.technicians.find((one) => one.technician_id === found.technician_id);
  assert.ok(own.openings.some((one) => one.from === start && one.count === 0), 'its own place is an opening');
  await page.getByRole('searchbox').fill(named('Off the grid'));
  const bar = page.locator(`[data-visit="${visit.id}"]`).first();
  await bar.focus();
  await page.keyboard.press('Space');
  const minutes = start.slice(14, 16);
  await page.locator('.keys', { hasText: new RegExp(`\\d\\d:${minutes}`) }).waitFor();
  assert.equal(await page.locator('.ghost.bad').count(), 0, 'it fits where it stands');
  await page.keyboard.press('Escape');
  await context.close();
});

test('more time adds to what was noted before, and an overrun is told', async () => {
  const { page, context } = await open(DISPATCHER);
  const visit = await waiting(context, named('Longer'));
  await place(context, visit);
  // An hour was noted already, and others come next: the plan could not be moved.
  await page.route(/\/plans\/[^/]+\/board/, async (route) => {
    const answer = await route.fetch();
    const day = await answer.json();
    for (const stop of day.technicians?.flatMap((one) => one.shifts.flatMap((shift) => shift.stops)) ?? []) {
      if (stop.visit_id === visit.id) {
        stop.actual = { ...stop.actual, extra_s: 3600 };
        stop.expected_end = new Date(Date.parse(stop.end) + 3600_000).toISOString();
      }
    }
    await route.fulfill({ response: answer, json: day });
  });
  let sent;
  await page.route(/:progress$/, async (route) => {
    sent = route.request().postDataJSON();
    await route.fulfill({ json: {} });
  });
  // Reports are for visits of about today.
  const { planned_start } = await visitOf(context, visit);
  await page.clock.setFixedTime(new Date(planned_start));
  await page.goto(board('&group=none'));
  await page.getByRole('searchbox').fill(named('Longer'));
  await page.locator(`[data-visit="${visit.id}"]`).first().click();
  await page.locator('.inspector dd', { hasText: /expected until \d\d:\d\d/ }).waitFor();
  assert.equal(await page.locator('.overrun').count(), 1);
  await page.getByRole('group', { name: 'Needs longer' }).getByRole('button', { name: '+15 min' }).click();
  await eventually('the sum is sent', async () => sent !== undefined);
  assert.deepEqual(sent, { step: 'needs_more', minutes: 75 });
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await context.close();
});
