// The flows of all three faces by keyboard alone: nothing is clicked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { OWNER, TECHNICIAN, accessible, call, open, password, start, stop } from './harness.js';

before(start);
after(stop);

/** Goes with the Tab key to what is wanted, and shows that one sees where one is. */
async function tabTo(page, target) {
  await target.first().waitFor();
  for (let steps = 0; steps < 150; steps += 1) {
    if (await target.first().evaluate((node) => node === document.activeElement)) {
      const seen = await target.first().evaluate((node) => node.matches(':focus-visible'));
      assert.ok(seen, 'the focus is shown');
      return;
    }
    await page.keyboard.press('Tab');
  }
  assert.fail(`no Tab leads to ${target}`);
}
async function press(page, target, key = 'Enter') {
  await tabTo(page, target);
  await page.keyboard.press(key);
}
async function write(page, target, text) {
  await tabTo(page, target);
  await page.keyboard.type(text);
}

test('a customer books by keyboard alone', async () => {
  const { page, context } = await open(null, '/book/hraun');
  const service = page.locator('label.card').filter({ has: page.locator('b', { hasText: /^Listing photos$/ }) });
  await press(page, service.getByRole('checkbox'), 'Space');
  await press(page, page.getByRole('button', { name: /Next/ }));
  await write(page, page.locator('#q'), 'Skeifan 15, 108');
  await press(page, page.getByRole('button', { name: 'Find' }));
  await press(page, page.getByRole('link', { name: 'Yes, come here' }));
  await press(page, page.locator('input[type=radio]'), 'Space');
  await write(page, page.getByLabel('How do we get in?'), 'I am');
  await press(page, page.getByRole('button', { name: /Next/ }));
  await page.waitForURL(/\/time/);
  // The last of the good ones is on another day: what is soon can no longer be cancelled.
  await press(page, page.locator('.recommended .picks button').last());
  await page.waitForURL(/\/confirm/);
  await write(page, page.locator('#name'), 'Grace Hopper');
  await write(page, page.locator('#email'), 'grace@customer.example');
  await press(page, page.getByRole('button', { name: 'Book now' }));
  await page.locator('.code b').waitFor();
  await press(page, page.getByRole('link', { name: 'Move or cancel' }));
  await press(page, page.getByRole('link', { name: 'Cancel the booking' }));
  await press(page, page.getByRole('button', { name: 'Cancel now' }));
  await page.getByText('Your booking has been cancelled.').waitFor();
  await context.close();
});

test('a technician reads a day, notes something and finds the menu by keyboard alone', async () => {
  const { page, context } = await open(TECHNICIAN, '/day', { viewport: { width: 412, height: 823 } });
  await page.locator('nav.week').waitFor();
  const busy = page.locator('nav.week button:not([aria-current])').filter({ has: page.locator('.count:not(.none)') });
  await press(page, busy);
  const visit = page.locator('main ol li.visit button');
  await press(page, visit);
  const dialog = page.locator('dialog');
  await write(page, dialog.getByRole('textbox', { name: 'Note' }), 'By keyboard alone');
  await press(page, dialog.getByRole('button', { name: 'Save' }));
  await dialog.locator('li', { hasText: 'By keyboard alone' }).first().waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok(await visit.first().evaluate((node) => node === document.activeElement), 'the focus is where it was');
  await page.keyboard.press('Home');
  await press(page, page.getByRole('button', { name: 'Menu' }));
  await dialog.waitFor();
  await accessible(page, 'the menu of the day');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await context.close();
});

test('members log in, make a skill and optimize by keyboard alone', async () => {
  const { page, context } = await open(null, '/login');
  await write(page, page.getByLabel('E-mail'), OWNER);
  await write(page, page.getByLabel('Password'), password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/board**');
  await press(page, page.getByRole('link', { name: 'Set-up' }));
  await press(page, page.getByRole('navigation', { name: 'Set-up' }).getByRole('link', { name: 'Skills' }));
  await press(page, page.locator('main header').getByRole('link'));
  const skill = `Keys ${Date.now().toString(36)}`;
  await write(page, page.getByLabel('Name'), skill);
  await page.keyboard.press('Enter');
  await page.waitForURL(/skills\/[0-9a-f-]{36}/);
  const found = (await call(context, 'GET', `/skills?q=${encodeURIComponent(skill)}`)).items;
  assert.equal(found.length, 1);
  await press(page, page.getByRole('link', { name: 'Board' }));
  await page.getByRole('grid').waitFor();
  await page.keyboard.press('o');
  await page.getByRole('heading', { name: 'Optimize' }).waitFor();
  await press(page, page.getByRole('button', { name: 'Look for a better plan' }));
  await page.locator('.optimize [role=status], .optimize footer').first().waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.optimize').waitFor({ state: 'detached' });
  await context.close();
});
