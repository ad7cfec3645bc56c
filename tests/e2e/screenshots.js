// Pictures of every page at the size of a phone and of a desk, light and dark, into the folder that is named:
// `E2E_URL=http://127.0.0.1:8080 node tests/e2e/screenshots.js var/pictures [part of a name]`. Those of the
// customers' pages on the way to a booking are made by booking.test.mjs, into var/e2e.
import { mkdirSync } from 'node:fs';
import { DISPATCHER, OWNER, TECHNICIAN, call, open, start, stop, workday } from './harness.js';

const [folder = 'var/pictures', wanted = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
await start();
const { context } = await open(OWNER);
const location = (await call(context, 'GET', '/locations')).items.find((one) => one.name === 'Reykjavík').id;
const first = async (noun) => (await call(context, 'GET', `/${noun}?limit=1`)).items[0].id;
const board = `/board?location=${location}&date=${workday()}`;
const press = (name) => async (page) => { await page.getByRole('button', { name }).first().click(); };

/** Who looks, where, what is there when it is ready, and what is pressed before the picture. */
const PAGES = {
  login: [null, '/login', 'form'],
  board: [DISPATCHER, board, '.bar.planned'],
  'board-visit': [DISPATCHER, board, '.bar.planned', async (page) => { await page.locator('.bar.planned').first().click(); await page.locator('.candidates, .inspector ol').first().waitFor(); }],
  'board-optimize': [DISPATCHER, board, '.bar.planned', press('Optimize')],
  'board-score': [DISPATCHER, board, '.bar.planned', async (page) => { await press('More')(page); await press('Why the plan costs')(page).catch(() => undefined); }],
  'board-keys': [DISPATCHER, board, '.bar.planned', async (page) => { await page.keyboard.press('?'); }],
  'board-menu': [DISPATCHER, board, '.bar.planned', async (page) => { await page.locator('.bar.planned').nth(3).click({ button: 'right' }); }],
  'board-nobody': [DISPATCHER, `${board}&q=zzzz`, '.empty'],
  'board-map': [DISPATCHER, `${board}&map=1`, '.leaflet-container canvas'],
  'board-week': [DISPATCHER, `${board}&view=week`, '.bar.planned'],
  'board-list': [DISPATCHER, `${board}&view=list`, 'table'],
  'map-window': [DISPATCHER, `/board/map?location=${location}&date=${workday()}`, '.leaflet-container canvas'],
  bookings: [OWNER, '/board/bookings', 'tbody tr'],
  'bookings-one': [OWNER, '/board/bookings', 'tbody tr', async (page) => { await page.locator('tbody tr .link').first().click(); await page.getByRole('complementary').first().waitFor(); }],
  start: [OWNER, '/board/start', 'h1'],
  day: [TECHNICIAN, '/day', 'main ol li.visit, main .empty'],
  'day-visit': [TECHNICIAN, '/day', 'main ol li.visit', async (page) => { await page.locator('main ol li.visit button').first().click(); await page.locator('dialog').waitFor(); }],
  'day-menu': [TECHNICIAN, '/day', 'main', press('Menu')],
  'day-could-not': [TECHNICIAN, '/day', 'main', async (page) => { await page.locator('nav.week button').nth(1).click(); await page.locator('main ol li.visit button').first().click(); await page.locator('dialog').getByRole('button', { name: 'Could not do it' }).click(); await page.locator('dialog').nth(1).waitFor(); }],
  'day-tomorrow': [TECHNICIAN, '/day', 'main', async (page) => { await page.locator('nav.week button').nth(1).click(); }],
};
for (const path of ['', '/locations', '/locations/new', '/organization', '/keys', '/import', '/audit', '/members', '/skills', '/absences']) PAGES[`set-up${path.replaceAll('/', '-')}`] = [OWNER, `/board/setup${path}`, 'h1'];
for (const noun of ['technicians', 'services', 'zones', 'equipment', 'packages', 'customers', 'teams']) {
  PAGES[`set-up-${noun}`] = [OWNER, `/board/setup/${noun}`, 'h1'];
  PAGES[`set-up-${noun}-one`] = [OWNER, `/board/setup/${noun}/${await first(noun)}`, 'form'];
}
await context.close();

const SIZES = { desk: { viewport: { width: 1440, height: 900 } }, phone: { viewport: { width: 412, height: 860 }, hasTouch: true } };
for (const [name, [who, path, ready, act]] of Object.entries(PAGES)) {
  if (!name.includes(wanted)) continue;
  for (const [size, shape] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark']) {
      for (const locale of colorScheme === 'light' && size === 'phone' ? ['en-GB', 'is-IS'] : ['en-GB']) {
        if (locale === 'is-IS' && act) continue;
        const { page, context, faults } = await open(who, path, { ...shape, colorScheme, locale });
        const file = `${name}-${size}-${colorScheme}${locale === 'is-IS' ? '-is' : ''}`;
        try {
          await page.locator(ready).first().waitFor();
          if (act) await act(page);
          // What came live or is drawn late; the board's stream of events never ends.
          await page.waitForTimeout(700);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (wide > 0) console.log(`${file}: ${wide} px wider than the screen`);
        } catch (error) {
          console.log(`${file}: ${error.message.split('\n')[0]}`);
        }
        await page.screenshot({ path: `${folder}/${file}.png`, fullPage: !path.startsWith('/board?') });
        if (faults.length > 0) console.log(file, faults);
        await context.close();
      }
    }
  }
}
await stop();
