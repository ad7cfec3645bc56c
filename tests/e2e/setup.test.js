// The set-up pages: made, changed and found again; bookings moved; first steps.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { OWNER, accessible, call, open, start, stop, workday } from './harness.js';

before(start);
after(stop);

const run = Date.now().toString(36).slice(-4);

test('a skill is made, renamed, found and deleted, and faults stand at their fields', async () => {
  const { page, context } = await open(OWNER, '/board/setup/skills/new');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('[aria-invalid="true"]').waitFor();
  await page.getByLabel('Name').fill(`Chimneys ${run}`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForURL(/skills\/[0-9a-f-]{36}/);
  await page.getByLabel('Name').fill(`Stoves ${run}`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').first().waitFor();
  await page.getByRole('navigation', { name: 'Set-up' }).getByRole('link', { name: 'Skills' }).click();
  await page.getByRole('searchbox').fill(`stoves ${run}`);
  await page.getByRole('link', { name: `Stoves ${run}` }).click();
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.waitForURL(/setup\/skills$/);
  const found = await call(context, 'GET', `/skills?q=${encodeURIComponent(`Stoves ${run}`)}`);
  assert.equal(found.items.length, 0);
  await context.close();
});

test('a booking is found, opened and cancelled with its reason', async () => {
  const { page, context } = await open(OWNER, '/board/bookings?status=scheduled');
  const code = await page.locator('tbody tr td code').last().textContent();
  await page.getByRole('searchbox').fill(code);
  await page.locator('tbody tr').nth(1).waitFor({ state: 'detached' });
  await page.locator('tbody tr .link').click();
  const panel = page.getByRole('complementary', { name: 'Booking' });
  await panel.getByRole('button', { name: 'Cancel booking' }).click();
  await panel.getByLabel('Reason').fill('Customer moved away');
  await accessible(page, 'a booking');
  await panel.getByRole('button', { name: 'Cancel it and free the time' }).click();
  await panel.getByText('Customer moved away').waitFor();
  const found = await call(context, 'GET', `/bookings?q=${code}`);
  assert.equal(found.items[0].status, 'cancelled');
  await context.close();
});

test('what a customer answered stands with the booking: the code of the key box, a file, how to reach them', async () => {
  const { page, context } = await open(OWNER);
  const service = (await call(context, 'GET', '/services')).items.find((one) => one.name === 'Listing photos');
  const place = { lat: 64.1385, lon: -21.9, address: { street: 'Laugavegur', house_number: '10', postcode: '101', city: 'Reykjavík' } };
  const from = workday(6);
  const { days } = await call(context, 'POST', '/slots:search', { service_ids: [service.id], place, from, until: from, limit: 1 });
  const upload = await context.request.post('/api/v1/uploads?name=plan.pdf', { data: '%PDF-1.7 plan', headers: { 'x-requested-with': 'e2e', 'content-type': 'application/octet-stream' } });
  const { id: plan } = await upload.json();
  const booking = await call(context, 'POST', '/bookings', {
    slot: { service_ids: [service.id], place, start: days[0].slots[0].start }, source: 'phone',
    customer: { name: `Sævar ${run}`, email: 'saevar@customer.example', phone: '+354 555 0199' },
    answers: [{ key: 'home', value: 'House' }, { key: 'entry', value: 'A key box' }, { key: 'key_code', value: '4711#' }, { key: 'plan', value: plan }],
  });
  await page.goto(`/board/bookings?booking=${booking.id}`);
  const panel = page.getByRole('complementary', { name: 'Booking' });
  await panel.getByText('4711#').waitFor();
  await panel.getByRole('link', { name: '+354 555 0199' }).waitFor();
  await panel.getByRole('link', { name: 'saevar@customer.example' }).waitFor();
  await panel.getByText('phone', { exact: true }).waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), panel.getByRole('link', { name: 'Open the file' }).click()]);
  assert.equal(file.suggestedFilename(), 'plan.pdf');
  await accessible(page, 'a booking with answers');
  await page.goto(`/board?location=${booking.location_id}&date=${from}&visit=${booking.visit_id}`);
  await page.locator('.inspector').getByText('4711#').waitFor();
  await context.close();
});

test('first steps end with slots that are true', async () => {
  const { page, context } = await open(OWNER, '/board/start');
  await page.getByRole('heading', { name: 'These times are true' }).waitFor();
  await accessible(page, 'first steps');
  await context.close();
});
