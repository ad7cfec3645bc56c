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
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [name, one] = next;
      try {
        await look(name, one);
      } catch (error) {
        wrong.push(`${name}: ${error.message}`);
      }
    }
  };
  await Promise.all([work(), work(), work()]);
  return wrong;
}

for (const [locale, language] of [['es-ES', 'Spanish'], ['is-IS', 'Icelandic']]) {
  test(`every page fits a phone in ${language}, and no key stands for a word`, async () => {
    // What is pressed is found by its English name; documentation is English and names settings.
    const entries = Object.entries(all).filter(([name, one]) => !one[3] && !name.startsWith('documentation'));
    const wrong = await wrongIn(entries, async (name, one) => {
      const { page, context } = await visit(one, { ...SHAPES['phone-light'], locale });
      const wide = await tooWide(page);
      const keys = (await page.locator('body').innerText()).match(/\b(board|setup|common|day|visit|calendars|notices)\.[a-z_.]{3,}/g);
      await context.close();
      assert.ok(wide <= 0 && !keys, `${wide} px wider than the window; ${keys ?? ''}`);
    });
    assert.deepEqual(wrong, []);
  });
}

// On the phone in the dark only colours and sizes can be different.
for (const [shape, rules] of [['desk-light', null], ['phone-dark', ['color-contrast', 'target-size']]]) {
  test(`every page can be read by everybody and fits its window: ${shape}`, async () => {
    const wrong = await wrongIn(Object.entries(all), async (name, one) => {
      const { page, context } = await visit(one, SHAPES[shape]);
      // All of a long form at once: the bar at its end must not hide half a button.
      if (name.startsWith('set-up')) await page.setViewportSize({ width: page.viewportSize().width, height: 3200 });
      await accessible(page, name, rules);
      const wide = await tooWide(page);
      await context.close();
      assert.ok(wide <= 0, `${wide} px wider than the window`);
    });
    assert.deepEqual(wrong, []);
  });
}
