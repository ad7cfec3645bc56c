// Every page of the demo company, for pictures and for the rules that hold on all of them. The customers' pages on
// the way to a booking are not here: booking.test.mjs goes through them.
import { DISPATCHER, OWNER, TECHNICIAN, call, open, workday } from './harness.js';

const press = (name) => async (page) => { await page.getByRole('button', { name }).first().click(); };
/** Goes to the first of the technician's days with a visit: today may have none. */
const busyDay = async (page) => {
  await page.locator('nav.week button').filter({ has: page.locator('.count:not(.none)') }).first().click();
  await page.locator('main ol li.visit').first().waitFor();
};
const firstVisit = async (page) => {
  await busyDay(page);
  await page.locator('main ol li.visit button').first().click();
  await page.locator('dialog').waitFor();
};
/** Opens a visit that nobody has begun: those of the first days may be over, by the hour or by other tests. */
const plannedVisit = async (page) => {
  await page.locator('nav.week button').filter({ has: page.locator('.count:not(.none)') }).last().click();
  await page.locator('main ol li.visit.planned button').first().click();
  await page.locator('dialog').waitFor();
};
const refused = { expect: [/status of 40[14]/] };
const alone = { expect: [/ERR_FAILED|ERR_INTERNET_DISCONNECTED/] };

/**
 * The pages by name: who looks, where, what is there when it is ready, what is pressed then, and faults of
 * its console that are meant to be there.
 */
export async function pages() {
  const { context } = await open(OWNER);
  const { items: locations } = await call(context, 'GET', '/locations');
  const location = locations.find((one) => one.name === 'Reykjavík').id;
  const first = async (noun) => (await call(context, 'GET', `/${noun}?limit=1`)).items[0].id;
  const board = `/board?location=${location}&date=${workday()}`;
  const bar = '.bar.planned';
  const found = {
    home: [null, '/', 'main'],
    login: [null, '/login', 'form'],
    'login-refused': [null, '/login', 'form', async (page) => {
      await page.getByLabel('E-mail').fill('nobody@hraun.example');
      await page.getByLabel('Password').fill('wrong');
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.locator('[role=alert]').first().waitFor();
    }, refused],
    'book-none': [null, '/book/no-such-company', 'h1', null, refused],
    'book-old-link': [null, '/book/hraun/time', 'h1', null, refused],
    'link-none': [null, '/manage/no-such-link', 'h1', null, refused],
    'path-none': [null, '/no/such/page', 'body', null, refused],
    documentation: [null, '/docs', 'h1'],
    'documentation-page': [null, '/docs/calendars/google', 'h1'],
    board: [DISPATCHER, board, bar],
    'board-visit': [DISPATCHER, board, bar, async (page) => { await page.locator(bar).first().click(); await page.locator('.candidates, .inspector .dim').first().waitFor(); }],
    'board-optimize': [DISPATCHER, board, bar, press('Optimize')],
    'board-emergency': [DISPATCHER, board, bar, async (page) => { await page.keyboard.press('e'); await page.locator('dialog').waitFor(); }],
    'board-more': [DISPATCHER, board, bar, press('More')],
    'board-score': [DISPATCHER, board, bar, async (page) => { await press('More')(page); await press('Score')(page); await page.locator('.plain .chip').first().waitFor(); }],
    'board-keys': [DISPATCHER, board, bar, async (page) => { await page.keyboard.press('?'); await page.locator('dialog').waitFor(); }],
    'board-menu': [DISPATCHER, board, bar, async (page) => { await page.locator(bar).nth(3).click({ button: 'right' }); }],
    'board-row-menu': [DISPATCHER, board, bar, async (page) => { await page.locator('[data-row]').first().click({ button: 'right', position: { x: 60, y: 12 } }); await page.getByRole('menu').waitFor(); }],
    'board-nobody': [DISPATCHER, `${board}&q=zzzz`, '.empty'],
    'board-empty': [DISPATCHER, board.replace(/date=[^&]*/, 'date=2027-05-01'), '.person, .empty'],
    'board-unreachable': [DISPATCHER, null, null, async (page) => { await page.route('**/api/**', (route) => route.abort()); await page.goto('/board'); await page.locator('.empty').waitFor(); }, alone],
    'board-lost': [DISPATCHER, board, '.live.on', async (page, within) => { await within.setOffline(true); await page.locator('.live:not(.on)').waitFor(); }, alone],
    'board-map': [DISPATCHER, `${board}&map=1`, '.leaflet-container canvas'],
    'board-week': [DISPATCHER, `${board}&view=week`, bar],
    'board-list': [DISPATCHER, `${board}&view=list`, 'table'],
    'map-window': [DISPATCHER, `/board/map?location=${location}&date=${workday()}`, '.leaflet-container canvas'],
    bookings: [OWNER, '/board/bookings', 'tbody tr'],
    'bookings-one': [OWNER, '/board/bookings', 'tbody tr', async (page) => { await page.locator('tbody tr .link').first().click(); await page.getByRole('complementary').first().waitFor(); }],
    'bookings-none': [OWNER, '/board/bookings?q=zzzz', '.empty'],
    waitlist: [OWNER, '/board/waitlist', 'h1'],
    'waitlist-all': [OWNER, '/board/waitlist?status=all', 'h1'],
    start: [OWNER, '/board/start', 'h1'],
    'board-no-such': [OWNER, '/board/no-such-page', 'h1'],
    day: [TECHNICIAN, '/day', 'main ol li.visit, main .empty'],
    'day-visit': [TECHNICIAN, '/day', 'nav.week', firstVisit],
    'day-menu': [TECHNICIAN, '/day', 'nav.week', async (page) => { await press('Menu')(page); await page.locator('dialog').waitFor(); }],
    'day-could-not': [TECHNICIAN, '/day', 'nav.week', async (page) => { await plannedVisit(page); await page.locator('dialog').getByRole('button', { name: 'Could not do it' }).click(); await page.locator('dialog').nth(1).waitFor(); }],
    'day-offline': [TECHNICIAN, '/day', 'main ol li.visit, main .empty', async (page, within) => { await within.setOffline(true); await page.getByText('No network').waitFor(); }, alone],
    'day-empty': [TECHNICIAN, '/day', 'nav.week', async (page) => { await page.locator('nav.week button:has(.none)').first().click(); }],
    'day-busy': [TECHNICIAN, '/day', 'nav.week', busyDay],
    'own-calendars': [TECHNICIAN, '/calendars', 'h1'],
    'own-calendars-connect': [TECHNICIAN, '/calendars', 'h1', async (page) => { await press('Connect a calendar')(page); await page.locator('dialog').waitFor(); }],
  };
  const setup = ['', '/locations', '/locations/new', '/organization', '/keys', '/import', '/audit', '/members', '/members/new', '/skills', '/skills/new', '/absences', '/absences/new', '/sites', '/sites/new',
    '/calendars', '/messages', '/outbox', '/message-templates', '/message-templates/new', '/webhooks', '/webhooks/new', '/services/new', '/zones/new', '/no-such-noun'];
  for (const path of setup) found[`set-up${path.replaceAll('/', '-')}`] = [OWNER, `/board/setup${path}`, 'h1'];
  for (const noun of ['technicians', 'services', 'zones', 'equipment', 'packages', 'customers', 'teams', 'locations', 'absences', 'sites', 'members', 'skills']) {
    found[`set-up-${noun}`] = [OWNER, `/board/setup/${noun}`, 'tbody tr'];
    found[`set-up-${noun}-one`] = [OWNER, `/board/setup/${noun}/${await first(noun)}`, 'form'];
  }
  const person = await first('technicians');
  for (const [name, whose] of [['one', person], ['business', 'business']]) found[`set-up-calendars-${name}`] = [OWNER, `/board/setup/calendars?technician=${whose}`, 'h1'];
  await context.close();
  return found;
}

const DESK = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 412, height: 860 }, hasTouch: true };
export const SHAPES = {
  'desk-light': { ...DESK },
  'phone-light': { ...PHONE },
  'phone-light-is': { ...PHONE, locale: 'is-IS' },
  'desk-dark': { ...DESK, colorScheme: 'dark' },
  'phone-dark': { ...PHONE, colorScheme: 'dark' },
};

/**
 * Opens a page as it is to be looked at; `close` ends it. On a `shelf` each reader has a page that is kept: what it
 * has loaded is there already. What is pressed is pressed on a page of its own.
 */
export async function visit([who, path, ready, act, more], options, shelf) {
  const kept = more ? undefined : shelf?.get(who);
  const opened = kept && !act ? kept : await open(who, kept ? null : path, { ...options, ...more, context: kept?.context });
  const { page, context } = opened;
  if (kept && path) await page.goto(path);
  const stays = shelf && !more;
  if (stays && !kept) shelf.set(who, opened);
  if (ready) await page.locator(ready).first().waitFor();
  if (act) await act(page, context);
  return { ...opened, close: async () => { if (!stays) await context.close(); else if (page !== shelf.get(who).page) await page.close(); } };
}

/** By how many pixels a page is wider than its window. */
export const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
