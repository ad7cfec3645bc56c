// What holds on every page, on a desk in the light and on a phone in the dark: no rule of accessibility is broken,
// nothing is wider than its window, in no language; that scripts make no errors and ask no other host the harness sees to.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, start, stop } from './harness.js';
import { SHAPES, pages, tooWide, visit } from './pages.js';

let all;
before(async () => {
  await start();
  all = await pages();
});
after(stop);

/** Looks at many pages, some side by side; what is wrong with them, by name. */
async function wrongIn(entries, look) {
  const [queue, wrong] = [[...entries], []];
  const work = async () => {
    const shelf = new Map();
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [name, one] = next;
      try {
        await look(name, one, shelf);
      } catch (error) {
        wrong.push(`${name}: ${error.message}`);
      }
    }
  };
  await Promise.all([work(), work(), work()]);
  return wrong;
}

/** Waits until what changes its colours has changed them, and what is inside of that, too. */
const settled = (page) => page.evaluate(async () => {
  const frame = () => new Promise((done) => { requestAnimationFrame(done); });
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await frame();
    const changes = document.getAnimations().filter((one) => one instanceof CSSTransition);
    if (changes.length > 0) quiet = 0;
    await Promise.allSettled(changes.map((one) => one.finished));
  }
});

for (const [locale, language] of [['es-ES', 'Spanish'], ['is-IS', 'Icelandic']]) {
  test(`every page fits a phone in ${language}, and no key stands for a word`, async () => {
    // What is pressed is found by its English name; documentation is English and names settings.
    const entries = Object.entries(all).filter(([name, one]) => !one[3] && !name.startsWith('documentation'));
    const wrong = await wrongIn(entries, async (name, one, shelf) => {
      const { page, close } = await visit(one, { ...SHAPES['phone-light'], locale }, shelf);
      const wide = await tooWide(page);
      const keys = (await page.locator('body').innerText()).match(/\b(board|setup|common|day|visit|calendars|notices)\.[a-z_.]{3,}/g);
      await close();
      assert.ok(wide <= 0 && !keys, `${wide} px wider than the window; ${keys ?? ''}`);
    });
    assert.deepEqual(wrong, []);
  });
}

test('every page can be read by everybody and fits its window, on a desk in the light and then on a phone in the dark', async () => {
  const [desk, phone] = [SHAPES['desk-light'], SHAPES['phone-dark']];
  const wrong = await wrongIn(Object.entries(all), async (name, one, shelf) => {
    const { page, close } = await visit(one, desk, shelf);
    // On the phone in the dark only colours and sizes can be different.
    for (const [shape, rules] of [[desk, null], [phone, ['color-contrast', 'target-size']]]) {
      // All of a long form at once: the bar at its end must not hide half a button.
      const height = name.startsWith('set-up') ? 3200 : shape.viewport.height;
      await page.setViewportSize({ width: shape.viewport.width, height });
      await page.emulateMedia({ colorScheme: shape.colorScheme ?? 'light', reducedMotion: 'reduce' });
      await settled(page);
      await accessible(page, name, rules);
      const wide = await tooWide(page);
      assert.ok(wide <= 0, `${wide} px wider than a window of ${shape.viewport.width}`);
    }
    await close();
  });
  assert.deepEqual(wrong, []);
});
