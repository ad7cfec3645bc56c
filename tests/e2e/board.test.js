// The dispatcher's board, as people use it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BASE, DISPATCHER, OWNER, TECHNICIAN, accessible, call, eventually, open, password, start, stop, waitingVisit, workday } from './harness.js';

let location;
const HOUR = 3_600_000;
const date = workday();
const board = (more = '', on = date) => `/board?location=${location}&date=${on}${more}`;

before(async () => {
  await start();
  const { context } = await open(DISPATCHER);
  const locations = await call(context, 'GET', '/locations');
  location = locations.items.find((one) => one.name === 'Reykjavík').id;
  await waiting(context, 'Skipholt');
  await context.close();
});
after(stop);

const run = Date.now().toString(36).slice(-4);
const named = (title) => `${title} ${run}`;

/** Carries what is held over the rows where it fits until it is over a start that does. */
async function seek(page, move) {
  for (const lane of await page.locator('.person.fits .lane, .person.cost .lane').all()) {
    // Rows out of sight come and go while the board scrolls.
    const box = await lane.boundingBox({ timeout: 500 }).catch(() => null);
    if (!box) continue;
    const [from, until] = [Math.max(box.x, 240), Math.min(box.x + box.width, page.viewportSize().width - 50)];
    for (let x = from + 20; x < until; x += 30) {
      await move(x, box.y + 20);
      if ((await page.locator('.ghost:not(.bad)').count()) > 0) return;
    }
  }
  assert.fail('no row where it fits has a start for it');
}

/** A visit that waits. */
const waiting = (context, title) => waitingVisit(context, location, title);
const plan = (context) => call(context, 'GET', `/plans/${date}/board?location_id=${location}`);
const stops = (day) => day.technicians.flatMap((one) => one.shifts.flatMap((shift) => shift.stops.map((stop) => ({ ...stop, technician: one.technician_id })))).filter((stop) => stop.visit_id);

test('members log in and land where their role works', async () => {
  const { page } = await open(null, '/login', { expect: [/status of 401/] });
  await accessible(page, 'login');
  await page.getByLabel('E-mail').fill(DISPATCHER);
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('The address or the password is wrong.').waitFor();
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL('**/board**');
  await page.getByRole('grid').waitFor();
  const other = await open(TECHNICIAN, '/board');
  await other.page.waitForURL('**/day**');
});

test('the board reads its plan once, and hears what changed between the reading and its stream', async () => {
  const { page, context } = await open(DISPATCHER);
  let read = 0;
  page.on('request', (request) => { if (/\/plans\/[^/]+\/board/.test(request.url())) read += 1; });
  await page.goto(board());
  await page.getByText('Live: changes appear by themselves').waitFor({ state: 'attached' });
  await waiting(context, named('Heard'));
  await page.locator('.card', { hasText: named('Heard') }).waitFor();
  assert.equal(read, 2, 'once to open, once for the change');
  // The stream opens late: not before something has changed.
  let between = false;
  await page.route('**/api/v1/events?**', async (route) => {
    if (!between) {
      between = true;
      await waiting(context, named('Between'));
    }
    await route.continue();
  });
  await page.reload();
  await page.locator('.card', { hasText: named('Between') }).waitFor();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('a visit is dragged to where it fits and taken back', async () => {
  const { page, context } = await open(DISPATCHER, board('&group=none'));
  const visit = await waiting(context, named('Dragged'));
  await page.locator('.card', { hasText: named('Dragged') }).waitFor();
  const fits = await call(context, 'POST', '/plans:fits', { visit_id: visit.id, date });
  await page.locator('.card', { hasText: named('Dragged') }).hover();
  await page.mouse.down();
  await page.mouse.move(300, 500, { steps: 8 });
  await page.locator('.person.fits, .person.cost').first().waitFor();
  assert.ok(await page.locator('.person.not').count() > 0, 'rows where it does not fit are told apart');
  await seek(page, (x, y) => page.mouse.move(x, y, { steps: 2 }));
  await page.mouse.up();
  await page.locator('.toast', { hasText: named('Dragged') }).waitFor();
  const placed = stops(await plan(context)).find((stop) => stop.visit_id === visit.id);
  const place = fits.technicians.find((one) => one.technician_id === placed.technician);
  assert.ok(place.openings.some((one) => one.from <= placed.start && placed.start <= one.until), 'it went to a start that was offered');
  await page.keyboard.press('Control+z');
  await page.locator('.card', { hasText: named('Dragged') }).waitFor();
  await page.keyboard.press('Control+Shift+z');
  await page.locator(`[data-visit="${visit.id}"]`).first().waitFor();
  await context.close();
});

test('a visit is placed and taken out by keyboard alone', async () => {
  const { page, context } = await open(DISPATCHER, board());
  const visit = await waiting(context, named('By keys'));
  const card = page.locator('.card', { hasText: named('By keys') });
  await card.waitFor();
  await card.focus();
  await page.keyboard.press('Space');
  await page.locator('.keys', { hasText: /\d\d:\d\d/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.locator('.toast', { hasText: named('By keys') }).waitFor();
  // Its row may be out of sight; the search finds it.
  await page.getByRole('searchbox').fill(named('By keys'));
  await page.locator(`[data-visit="${visit.id}"]`).first().focus();
  await page.keyboard.press('u');
  await card.waitFor();
  await context.close();
});

test('a finger lifts a visit after a moment and carries it', async () => {
  const { page, context } = await open(DISPATCHER, board('&group=none'), { viewport: { width: 900, height: 900 }, hasTouch: true });
  const visit = await waiting(context, named('By finger'));
  const card = page.locator('.card', { hasText: named('By finger') });
  await card.waitFor();
  await card.scrollIntoViewIfNeeded();
  assert.ok(visit.id);
  const touch = await context.newCDPSession(page);
  const send = (type, x, y) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
  const from = await card.boundingBox();
  await send('touchStart', from.x + 30, from.y + 20);
  await page.locator('.card.lifted').waitFor();
  await page.locator('.person.fits, .person.cost').first().waitFor();
  await seek(page, (x, y) => send('touchMove', x, y));
  await send('touchEnd');
  await page.locator('.toast', { hasText: named('By finger') }).waitFor();
  await context.close();
});

test('a change by somebody else appears with its author, and a stale one is refused', async () => {
  const first = await open(DISPATCHER, null, { expect: [/ERR_FAILED/] });
  const second = await open(OWNER);
  // From its first reading on the board hears of changes, not of what was there already.
  const heard = first.page.waitForResponse(/\/api\/v1\/events/);
  await first.page.goto(board());
  await heard;
  const visit = await waiting(second.context, named('Seen live'));
  const name = (await call(second.context, 'GET', '/me')).name;
  await first.page.locator('.card', { hasText: named('Seen live') }).waitFor();
  await first.page.locator('.toast', { hasText: name }).first().waitFor();
  // Deaf to events, the board still shows the old plan when somebody changes it.
  await first.page.route('**/api/v1/events**', (route) => route.abort());
  await first.page.reload();
  await first.page.locator('.card', { hasText: named('Seen live') }).waitFor();
  const other = await waiting(second.context, named('Meanwhile'));
  const fits = await call(second.context, 'POST', '/plans:fits', { visit_id: other.id, date });
  const place = fits.technicians.find((one) => one.openings.length > 0);
  await call(second.context, 'POST', `/visits/${other.id}:move`, { start: place.openings[0].from, technician_ids: [place.technician_id] });
  await first.page.locator('.card', { hasText: named('Seen live') }).focus();
  await first.page.keyboard.press('Space');
  await first.page.locator('.keys', { hasText: /\d\d:\d\d/ }).waitFor();
  await first.page.keyboard.press('Enter');
  await first.page.locator('.toast', { hasText: 'Somebody changed the plan meanwhile' }).waitFor();
  assert.ok((await plan(second.context)).unassigned.some((one) => one.id === visit.id), 'nothing was moved');
  await first.context.close();
  await second.context.close();
});

test('a proposal is looked at, accepted line by line, and undone', async () => {
  const { page, context } = await open(DISPATCHER, board('', workday(2)));
  await waiting(context, named('Proposed'));
  await page.getByRole('button', { name: 'Optimize' }).click();
  await page.getByLabel('Search for').selectOption('2');
  await page.getByRole('button', { name: 'Look for a better plan' }).click();
  await page.locator('.summary').waitFor({ timeout: 30_000 });
  await accessible(page, 'proposal');
  const boxes = page.locator('.optimize tbody input[type=checkbox]');
  const count = await boxes.count();
  assert.ok(count > 0);
  if (count > 1) await boxes.nth(count - 1).uncheck();
  await page.getByRole('button', { name: /^Accept/ }).click();
  await page.locator('.toast', { hasText: /applied/ }).waitFor();
  await page.locator('.optimize').getByRole('button', { name: 'Undo' }).press('Enter');
  await page.locator('.optimize .chip', { hasText: 'Taken back' }).waitFor();
  // It can be had again, and taken back again, as every step.
  await page.locator('h2', { hasText: 'Optimize' }).click();
  await page.keyboard.press('Control+Shift+z');
  await page.locator('.optimize .chip', { hasText: /^(Applied|Partly applied)$/ }).waitFor();
  await page.keyboard.press('Control+z');
  await page.locator('.optimize .chip', { hasText: 'Taken back' }).waitFor();
  await context.close();
});

test('an absence is told in two clicks and a repair is proposed', async () => {
  const { page, context } = await open(DISPATCHER, board());
  const away = new Set((await plan(context)).technicians.filter((one) => one.absences.length > 0).map((one) => one.technician_id));
  const busy = stops(await plan(context)).find((stop) => stop.technician_ids.length === 1 && stop.lock === 'none' && !away.has(stop.technician));
  const row = page.locator(`[data-row="${busy.technician}"]`);
  await row.locator('.face').click();
  await page.getByRole('menuitem', { name: 'Absent for the rest of the day' }).click();
  await page.getByRole('heading', { name: 'Somebody is absent' }).waitFor();
  await page.locator('.summary, .left, .optimize p').first().waitFor();
  await page.locator('.optimize footer').waitFor({ timeout: 30_000 });
  await row.locator('.band.absence').first().waitFor();
  // A visit that goes to nobody breaks no arrival window.
  const gone = page.locator('.optimize .scroll tbody tr').filter({ has: page.locator('td:last-child', { hasText: /^nobody$/ }) });
  for (const line of await gone.all()) {
    assert.equal(await line.getByText('after the arrival window').count(), 0);
  }
  // Whoever runs this again finds everybody at work.
  const absences = async () => (await call(context, 'GET', `/absences?technician_id=${busy.technician}&limit=100`)).items.filter((absence) => absence.kind === 'sick' && absence.start.startsWith(date)).length;
  const undo = page.getByRole('button', { name: 'Undo' }).first();
  assert.equal(await absences(), 1);
  await undo.click();
  await eventually('nobody is absent', async () => (await absences()) === 0);
  await page.getByRole('button', { name: 'Redo' }).first().click();
  await eventually('the absence is there again', async () => (await absences()) === 1);
  await undo.click();
  await eventually('it is gone again', async () => (await absences()) === 0);
  await row.locator('.band.absence').first().waitFor({ state: 'detached' });
  await context.close();
});

/** The last start at which somebody can do a visit, within a day from now; none if nobody works until then. */
async function last(context, visit) {
  for (const on of [workday(0), workday(1)]) {
    const fits = await call(context, 'POST', '/plans:fits', { visit_id: visit.id, date: on });
    const ends = fits.technicians.flatMap((one) => one.openings.map(({ until }) => ({ on, start: until, technician_ids: [one.technician_id] })));
    const found = ends.filter((one) => Date.parse(one.start) < Date.now() + 20 * HOUR).sort((a, b) => Date.parse(b.start) - Date.parse(a.start))[0];
    if (found) return found;
  }
  return null;
}

test('more time for a visit is taken back with all that it pushed', async (t) => {
  const { page, context } = await open(DISPATCHER);
  const first = await waiting(context, named('Longer'));
  const second = await waiting(context, named('Pushed'));
  const free = await last(context, first);
  if (!free) return t.skip('nobody works within a day from now');
  const { on, start, technician_ids } = free;
  await call(context, 'POST', `/visits/${first.id}:move`, { start, technician_ids });
  // It makes no room for the one that comes after it.
  await call(context, 'POST', `/visits/${first.id}:lock`, { lock: 'time' });
  const end = (await call(context, 'GET', `/visits/${first.id}`)).assignments[0].end;
  await call(context, 'POST', `/visits/${second.id}:move`, { start: end, technician_ids, force: true });
  const starts = async () => Promise.all([first, second].map(async (one) => (await call(context, 'GET', `/visits/${one.id}`)).planned_start));
  const extra = async () => (await call(context, 'GET', `/visits/${first.id}`)).actual.extra_s;
  const before = await starts();
  await page.goto(board(`&q=${encodeURIComponent(named('Longer'))}`, on));
  await page.locator(`[data-visit="${first.id}"]`).first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Needs longer +60 min' }).click();
  await eventually('an hour more is noted', async () => (await extra()) === 3600);
  const pushed = await starts();
  assert.ok(pushed[1] > before[1], `the next one starts later: ${before} then ${pushed}`);
  await page.locator('.optimize footer').waitFor({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Undo' }).first().click();
  await eventually('nothing more is noted', async () => (await extra()) === 0);
  await eventually('the next one starts as before', async () => (await starts())[1] === before[1]);
  await call(context, 'POST', `/visits/${first.id}:lock`, { lock: 'none' });
  for (const one of [first, second]) await call(context, 'POST', `/visits/${one.id}:unassign`);
  await context.close();
});

test('an emergency is told in two clicks and the day makes room for it', async () => {
  const { page, context } = await open(DISPATCHER, board());
  await page.locator('.bar.planned').first().waitFor();
  await page.getByRole('button', { name: '+ New emergency' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('What is to be done').selectOption({ label: 'Listing photos' });
  await dialog.getByLabel('Where').fill('Skeifan 15, 108');
  await dialog.getByRole('button', { name: /^Skeifan 15/ }).click();
  await dialog.getByLabel('What has happened').fill(named('Urgent'));
  await dialog.getByRole('button', { name: 'Make room for it' }).click();
  await page.locator('.optimize tbody tr', { hasText: named('Urgent') }).waitFor({ timeout: 30_000 });
  await accessible(page, 'what moves for an emergency');
  await page.getByRole('button', { name: /^Accept/ }).click();
  await page.locator('.toast', { hasText: /applied/ }).waitFor();
  const placed = stops(await plan(context)).find((stop) => stop.title === named('Urgent'));
  assert.ok(placed?.start, 'it has its place');
  // One that is booked gives up its place for a better one.
  await page.getByRole('searchbox').fill(named('Urgent'));
  await page.locator(`[data-visit="${placed.visit_id}"]`).first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Emergency: place it now' }).click();
  await page.locator('.optimize tbody tr', { hasText: named('Urgent') }).waitFor({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.keyboard.press('Control+z');
  await eventually('it is where it was', async () => stops(await plan(context)).some((stop) => stop.visit_id === placed.visit_id && stop.start === placed.start));
  await context.close();
});

test('the address holds the view, and languages change every word', async () => {
  const { page, context } = await open(DISPATCHER, board('&view=week&q=brynja&map=1'));
  await page.locator('.daylabel').first().waitFor();
  assert.equal(await page.getByRole('searchbox').inputValue(), 'brynja');
  const shown = await page.locator('.person').count();
  assert.ok(shown >= 1 && shown < 5, 'only who and what matches is shown');
  await context.close();
  for (const [locale, word] of [['es-ES', 'Optimizar'], ['is-IS', 'Besta']]) {
    const other = await open(DISPATCHER, board(), { locale });
    await other.page.getByRole('button', { name: word }).waitFor();
    assert.ok(!/board\.[a-z]/.test(await other.page.locator('body').innerText()), 'no key stands for a word');
    await other.context.close();
  }
  assert.ok(BASE);
});

test('where the system chooses all colours, hours, breaks, now and what is pressed can be told apart', async () => {
  const { page, context } = await open(DISPATCHER, null, { forcedColors: 'active' });
  // At noon of a working day, whatever the hour and the day of the test.
  await page.clock.setFixedTime(new Date(`${date}T12:00:00Z`));
  await page.goto(board());
  await page.locator('.band.work').first().waitFor();
  const shown = (selector, property) => page.locator(selector).first().evaluate((one, name) => getComputedStyle(one)[name], property);
  const ground = await shown('.timeline', 'backgroundColor');
  assert.match(await shown('.person .lane', 'backgroundImage'), /gradient/, 'outside of working hours');
  assert.notEqual(await shown('.band.work', 'borderLeftWidth'), '0px', 'working hours');
  assert.equal(await shown('.band.break', 'borderTopStyle'), 'dashed', 'a break');
  assert.match(await shown('.band.overtime', 'backgroundImage'), /gradient/, 'overtime');
  assert.notEqual(await shown('.now', 'backgroundColor'), ground, 'now');
  const views = '.views button';
  assert.notEqual(await shown(`${views}[aria-pressed="true"]`, 'backgroundColor'), await shown(`${views}[aria-pressed="false"]`, 'backgroundColor'), 'the view');
  const tab = 'header nav a';
  assert.notEqual(await shown(`${tab}[aria-current]`, 'borderBottomColor'), await shown(`${tab}:not([aria-current])`, 'borderBottomColor'), 'the page');
  await context.close();
});

test('a visit of another week is not said to need longer now', async () => {
  const { page, context } = await open(DISPATCHER, board('', workday(5)));
  await page.locator('.bar.planned').first().click();
  const inspector = page.locator('.inspector');
  await inspector.getByRole('button', { name: 'Take out' }).waitFor();
  assert.equal(await inspector.getByRole('group', { name: 'Needs longer' }).count(), 0);
  await page.locator('.bar.planned').first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Details' }).waitFor();
  assert.equal(await page.getByRole('menuitem', { name: /Needs longer/ }).count(), 0);
  await context.close();
});

test('a proposal that was made elsewhere is offered, and gone when it is rejected', async () => {
  const day = workday(3);
  const { page, context } = await open(DISPATCHER, board('', day));
  await page.locator('.bar.planned').first().waitFor();
  await waiting(context, named('Offered'));
  const run = await call(context, 'POST', '/plans:optimize', { location_ids: [location], from: day, until: day, time_s: 1 });
  await eventually('the run is over', async () => (await call(context, 'GET', `/optimizations/${run.id}`)).status === 'finished');
  const open_ = async () => (await call(context, 'GET', '/proposals?status=open&limit=20')).items.filter((one) => one.lines.length > 0 && one.versions.some((version) => version.date === day)).length;
  const before = await open_();
  assert.ok(before > 0, 'a visit that waits can be placed');
  await page.reload();
  await page.getByRole('button', { name: `${before} proposal` }).click();
  await page.locator('.optimize tbody tr').first().waitFor();
  await page.getByRole('button', { name: 'Reject' }).click();
  await page.locator('.optimize').waitFor({ state: 'detached' });
  assert.equal(await open_(), before - 1);
  await page.getByRole('button', { name: `${before} proposal` }).waitFor({ state: 'detached' });
  await context.close();
});
