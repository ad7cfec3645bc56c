// One day through all three faces, from an empty company: a customer books, the board shows it, the
// technician's page too; a visit takes longer, the board warns, a repair is proposed and accepted, and the
// customer reads the new time. On every server that E2E_STORIES names: `sqlite=http://.. postgresql=http://..`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, call, open, start, stop } from './harness.js';

const OWNER = 'owner@story.example';
const PASSWORD = 'story-of-a-day-64';
/** Another company each time, in the same organization: what another run left over does not matter. */
const run = Date.now().toString(36).slice(-4);
const ANNA = `anna-${run}@story.example`;
const SWEEP = `Chimney sweep ${run}`;
const PHONE = { viewport: { width: 412, height: 823 }, isMobile: true, hasTouch: true };

before(start);
after(stop);

/** A zone in which it is nine in the morning, whenever the test runs. */
function morning() {
  const ahead = 9 - new Date().getUTCHours();
  const hours = ahead < -12 ? ahead + 24 : ahead;
  return hours === 0 ? 'Etc/GMT' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
}
const at = (street, number, postcode, lat, lon) => ({ lat, lon, address: { street, house_number: number, postcode, city: 'Reykjavík' } });
const HOME = at('Skipholt', '9', '105', 64.1405, -21.9055);

/** A company with two people who can do the service. */
async function company(context) {
  const make = (noun, body) => call(context, 'POST', `/${noun}`, body);
  const location = await make('locations', { name: `Reykjavík ${run}`, time_zone: morning(), place: HOME });
  const skill = await make('skills', { name: `Chimneys ${run}` });
  await make('zones', { name: `Town ${run}`, shape: { kind: 'radius', centre: HOME, metres: 30_000 } });
  const hours = { weekly: [{ days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'], from: '06:00', until: '21:00' }] };
  const person = (name, skills) => make('technicians', { name, location_id: location.id, home: HOME, start: 'home', end: 'home', working_hours: hours, skills });
  const anna = await person('Anna Sótarí', [{ skill_id: skill.id, level: 5 }]);
  const bjarni = await person('Bjarni Bíður', [{ skill_id: skill.id, level: 5 }]);
  const service = await make('services', {
    name: SWEEP, public: true, location_ids: [location.id], duration_min: 60, skills: [{ skill_id: skill.id, level_min: 1 }],
    slots: { step_min: 30, arrival_window_min: 60, notice_min: 0 },
  });
  await make('members', { name: 'Anna Sótarí', email: ANNA, role: 'technician', technician_id: anna.id, password: PASSWORD });
  return { location, anna, bjarni, service };
}

async function book(page) {
  await page.locator('label.card', { hasText: SWEEP }).getByRole('checkbox').check();
  await page.getByRole('button', { name: /Next/ }).click();
  await page.locator('#q').fill('Skeifan 15, 108');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('link', { name: 'Yes, come here' }).click();
  await page.waitForURL(/\/time/);
  await page.locator('#day .starts button').first().click();
  await page.waitForURL(/\/confirm/);
  await page.locator('#name').fill('Ada Lovelace');
  await page.locator('#email').fill('ada@customer.example');
  await page.getByRole('button', { name: 'Book now' }).click();
  await page.waitForURL(/\/done/);
  return (await page.locator('.code b').textContent()).trim();
}

/** What the customer's page says when somebody comes. */
const expected = async (page) => (await page.locator('.eta b').textContent()).trim();

async function story(base) {
  const desk = await open(OWNER, null, { base, password: PASSWORD });
  const { location, anna, bjarni, service } = await company(desk.context);
  const first = await call(desk.context, 'POST', '/visits', { service_ids: [service.id], location_id: location.id, place: HOME, title: 'Before it' });
  const soon = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + 60_000).toISOString();
  await call(desk.context, 'POST', `/visits/${first.id}:move`, { start: soon, technician_ids: [anna.id], force: true });
  await call(desk.context, 'POST', `/visits/${first.id}:lock`, { lock: 'both' });
  await desk.page.goto(`/board?location=${location.id}`);
  await desk.page.locator(`[data-visit="${first.id}"]`).waitFor();
  const road = await open(ANNA, '/day', { base, password: PASSWORD, ...PHONE });
  await road.page.locator('li.visit', { hasText: 'Before it' }).waitFor();

  // The other one comes back only later.
  const away = await call(desk.context, 'POST', '/absences', { technician_id: bjarni.id, kind: 'sick', start: new Date(Date.now() - 3_600_000).toISOString(), end: new Date(Date.now() + 12 * 3_600_000).toISOString() });

  // The customer books, and neither of the others loads anything again.
  const guest = await open(null, '/book/story', { base, ...PHONE });
  const code = await book(guest.page);
  const [booking] = (await call(desk.context, 'GET', `/bookings?q=${code}`)).items;
  const bar = desk.page.locator(`[data-visit="${booking.visit_id}"]`);
  await bar.waitFor();
  await road.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await road.page.locator('li.visit', { hasText: SWEEP }).waitFor();
  await road.page.getByText('Your day has changed').waitFor();
  await road.page.getByRole('button', { name: 'Got it' }).click();
  const { track } = await call(desk.context, 'GET', `/bookings/${booking.id}/links`);
  await guest.page.goto(new URL(track).pathname);
  const before = await expected(guest.page);

  // The first visit takes three hours longer.
  const next = road.page.locator('section[aria-labelledby="next"]');
  for (const step of ['On my way', 'I have arrived', 'Start work']) await next.getByRole('button', { name: step }).click();
  await next.getByRole('button', { name: 'Need more time' }).click();
  await road.page.getByRole('button', { name: '+3 h 00' }).click();
  await road.page.locator('.toast', { hasText: SWEEP }).waitFor();
  await desk.page.locator(`[data-visit="${first.id}"].late`).waitFor();
  await desk.page.locator(`[data-row="${anna.id}"] .chip.warn, [data-row="${anna.id}"] .chip.bad`).waitFor();
  await desk.page.locator(`[data-visit="${booking.visit_id}"].late`).waitFor();
  await accessible(desk.page, 'the board warns');
  await guest.page.reload();
  const meanwhile = await expected(guest.page);
  assert.notEqual(meanwhile, before);

  await call(desk.context, 'DELETE', `/absences/${away.id}`);

  // The board proposes what to do, and the dispatcher takes it; by keyboard alone.
  await desk.page.locator(`[data-visit="${first.id}"]`).focus();
  await desk.page.keyboard.press('Enter');
  await desk.page.getByRole('button', { name: 'Repair what follows' }).focus();
  await desk.page.keyboard.press('Enter');
  await desk.page.locator('.optimize tbody tr', { hasText: SWEEP }).waitFor({ timeout: 60_000 });
  await desk.page.getByRole('button', { name: /^Accept/ }).focus();
  await desk.page.keyboard.press('Enter');
  await desk.page.locator('.toast', { hasText: /applied/ }).waitFor();

  const visit = await call(desk.context, 'GET', `/visits/${booking.visit_id}`);
  assert.deepEqual(visit.assignments.map((one) => one.technician_id), [bjarni.id]);
  assert.ok(visit.planned_start <= booking.window.until, 'the promise is kept');
  await guest.page.reload();
  const then = await expected(guest.page);
  assert.notEqual(then, meanwhile);
  const told = new Intl.DateTimeFormat('en-GB', { timeZone: location.time_zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(Date.parse(visit.planned_start));
  assert.equal(then, told);
  await accessible(guest.page, 'the customer reads the new time');
  for (const one of [desk, road, guest]) await one.context.close();
}

const servers = (process.env.E2E_STORIES ?? '').split(' ').filter(Boolean).map((one) => one.split('='));
for (const [database, base] of servers) {
  test(`a day goes from the booking to the new time through all three faces, on ${database}`, () => story(base));
}
test('there is a server for the story of a day', () => assert.ok(servers.length > 0, 'E2E_STORIES names none'));
