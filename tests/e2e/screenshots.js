// Pictures of every page at the size of a phone and of a desk, light and dark, into the folder that is named:
// `E2E_URL=http://127.0.0.1:8080 node tests/e2e/screenshots.js var/pictures [part of a name] [part of a shape]`. Those
// of the customers' pages on the way to a booking are made by booking.test.mjs, into var/e2e.
import { mkdirSync } from 'node:fs';
import { start, stop } from './harness.js';
import { SHAPES, pages, tooWide, visit } from './pages.js';

const [folder = 'var/pictures', wanted = '', shapes = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
await start();
const all = await pages();
for (const [shape, options] of Object.entries(SHAPES)) {
  if (!shape.includes(shapes)) continue;
  for (const [name, one] of Object.entries(all)) {
    // What is pressed is found by its English name.
    if (!name.includes(wanted) || (options.locale && one[3])) continue;
    const file = `${name}-${shape}`;
    try {
      const { page, faults, close } = await visit(one, options);
      // What came live or is drawn late; the board's stream of events never ends.
      await page.waitForTimeout(700);
      const wide = await tooWide(page);
      if (wide > 0) console.log(`${file}: ${wide} px wider than the screen`);
      await page.screenshot({ path: `${folder}/${file}.png`, fullPage: !one[1]?.startsWith('/board?') });
      if (faults.length > 0) console.log(file, faults);
      await close();
    } catch (error) {
      console.log(`${file}: ${error.message.split('\n')[0]}`);
    }
  }
}
await stop();
