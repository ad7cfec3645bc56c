// Pictures of every page at the size of a phone and of a desk, light and dark, into the folder that is named:
// `E2E_URL=http://127.0.0.1:8080 node tests/e2e/screenshots.js var/pictures`.
import { mkdirSync } from 'node:fs';
import { DISPATCHER, call, open, start, stop, workday } from './harness.js';

const folder = process.argv[2] ?? 'var/pictures';
mkdirSync(folder, { recursive: true });
await start();
const { context } = await open(DISPATCHER);
const location = (await call(context, 'GET', '/locations')).items.find((one) => one.name === 'Reykjavík').id;
await context.close();
const board = `/board?location=${location}&date=${workday()}`;
const PAGES = {
  login: [null, '/login', 'form'],
  board: [DISPATCHER, board, '.bar.planned'],
  'board-map': [DISPATCHER, `${board}&map=1`, '.leaflet-container canvas'],
  'board-week': [DISPATCHER, `${board}&view=week`, '.bar.planned'],
  'board-list': [DISPATCHER, `${board}&view=list`, 'table'],
  'map-window': [DISPATCHER, `/board/map?location=${location}&date=${workday()}`, '.leaflet-container canvas'],
};
const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 412, height: 860 } };
for (const [name, [who, path, ready]] of Object.entries(PAGES)) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark']) {
      const { page, context, faults } = await open(who, path, { viewport, colorScheme });
      await page.locator(ready).first().waitFor();
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await page.screenshot({ path: `${folder}/${name}-${size}-${colorScheme}.png` });
      if (faults.length > 0) console.log(name, size, faults);
      await context.close();
    }
  }
}
await stop();
