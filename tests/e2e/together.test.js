// On the board by keyboard alone: several visits at once, menus, saved views, a disruption; and each step taken back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DISPATCHER, accessible, call, eventually, open, start, stop, waitingVisit, workday } from './harness.js';

const run = Date.now().toString(36).slice(-4);
const date = workday(2);
let location;
const board = (more = '') => `/board?location=${location}&date=${date}${more}`;

before(async () => {
  await start();
  const { context } = await open(DISPATCHER);
  location = (await call(context, 'GET', '/locations')).items.find((one) => one.name === 'Reykjavík').id;
  await context.close();
});
after(stop);

const waiting = (context, title) => waitingVisit(context, location, title);
const status = async (context, visit) => (await call(context, 'GET', `/visits/${visit.id}`)).status;

test('several visits are chosen, placed together and taken back one by one', async () => {
  const { page, context } = await open(DISPATCHER, board());
  const visits = [await waiting(context, `Together one ${run}`), await waiting(context, `Together two ${run}`)];
  await page.keyboard.press('/');
  await page.keyboard.type('together');
  await page.keyboard.press('Escape');
  const cards = page.locator('.card', { hasText: run });
  await cards.nth(1).waitFor();
  await cards.first().focus();
  await page.keyboard.press('x');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('x');
  const bar = page.getByRole('toolbar', { name: 'What is chosen' });
  await bar.getByText('2 visits').waitFor();
  await accessible(page, 'several visits are chosen');
  await page.keyboard.press('a');
  for (const visit of visits) await eventually('it has its place', async () => (await status(context, visit)) === 'planned');
  await page.locator('.toast', { hasText: '2 visits placed' }).waitFor();
  assert.equal(await page.locator('.toast.bad').count(), 0, 'one change of one\'s own is no change of somebody else');
  await page.keyboard.press('Control+z');
  await eventually('one is taken back', async () => (await status(context, visits[1])) === 'unassigned');
  await page.locator('.card', { hasText: `Together two ${run}` }).waitFor();
  await page.keyboard.press('Control+z');
  await eventually('so is the other', async () => (await status(context, visits[0])) === 'unassigned');
  await context.close();
});

test('the menu of a visit opens by keyboard, and the focus comes back', async () => {
  const { page, context } = await open(DISPATCHER, board());
  const bar = page.locator('.bar.planned[tabindex="0"]').first();
  await bar.focus();
  await page.keyboard.press('Shift+F10');
  const menu = page.getByRole('menu');
  await menu.waitFor();
  await accessible(page, 'the menu of a visit');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Emergency/);
  await page.keyboard.press('Escape');
  await menu.waitFor({ state: 'detached' });
  assert.ok(await bar.evaluate((node) => node === document.activeElement), 'the focus is where it was');
  await context.close();
});

test('a view is saved under a name, used and forgotten', async () => {
  const { page, context } = await open(DISPATCHER, board('&q=brynja&view=week'));
  await page.locator('.daylabel').first().waitFor();
  const more = page.getByRole('button', { name: 'More' });
  const choose = async (label) => {
    if ((await more.getAttribute('aria-expanded')) === 'false') await more.click();
    await page.getByLabel('Saved views').selectOption(label);
  };
  await choose('+');
  await page.getByRole('dialog').getByRole('textbox').fill(`Week of Brynja ${run}`);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.goto(board());
  await page.locator('.bar.planned').first().waitFor();
  await choose({ label: `Week of Brynja ${run}` });
  await page.locator('.daylabel').first().waitFor();
  assert.equal(await page.getByRole('searchbox').inputValue(), 'brynja');
  assert.equal(new URL(page.url()).searchParams.get('date'), date, 'the day stays');
  await choose(`-Week of Brynja ${run}`);
  await page.reload();
  await more.click();
  assert.equal(await page.getByLabel('Saved views').getByRole('option', { name: run }).count(), 0);
  await context.close();
});

test('an emergency is told by keyboard alone', async () => {
  const { page, context } = await open(DISPATCHER, board());
  await page.locator('.bar.planned').first().waitFor();
  await page.keyboard.press('e');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('option', { name: 'Listing photos' }).waitFor({ state: 'attached' });
  await page.keyboard.type('Listing photos');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Skeifan 15, 108');
  await dialog.getByRole('button', { name: /^Skeifan 15/ }).waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.type(`By keys ${run}`);
  await page.keyboard.press('Enter');
  await page.locator('.optimize tbody tr', { hasText: `By keys ${run}` }).waitFor({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Reject' }).focus();
  await page.keyboard.press('Enter');
  await page.locator('.optimize').waitFor({ state: 'detached' });
  await context.close();
});
