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

for (const [locale, language] of [['es-ES', 'Spanish'], ['is-IS', 'Icelandic']]) {
  test(`every page fits a phone in ${language}, and no key stands for a word`, async () => {
    const wrong = [];
    for (const [name, one] of Object.entries(all)) {
      // What is pressed is found by its English name; documentation is English and names settings.
      if (one[3] || name.startsWith('documentation')) continue;
      const { page, context } = await visit(one, { ...SHAPES['phone-light'], locale });
      const wide = await tooWide(page);
      const keys = (await page.locator('body').innerText()).match(/\b(board|setup|common|day|visit|calendars|notices)\.[a-z_.]{3,}/g);
      if (wide > 0 || keys) wrong.push(`${name}: ${wide} px wider than the window; ${keys ?? ''}`);
      await context.close();
    }
    assert.deepEqual(wrong, []);
  });
}

for (const shape of ['desk-light', 'phone-dark']) {
  test(`every page can be read by everybody and fits its window: ${shape}`, async () => {
    const wrong = [];
    for (const [name, one] of Object.entries(all)) {
      try {
        const { page, context } = await visit(one, SHAPES[shape]);
        // All of a long form at once: the bar at its end must not hide half a button.
        if (name.startsWith('set-up')) await page.setViewportSize({ width: page.viewportSize().width, height: 3200 });
        await accessible(page, name);
        const wide = await tooWide(page);
        assert.ok(wide <= 0, `${wide} px wider than the window`);
        await context.close();
      } catch (error) {
        wrong.push(`${name}: ${error.message}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
}
