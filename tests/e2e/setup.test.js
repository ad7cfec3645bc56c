// The set-up pages: made, changed and found again; bookings moved; first steps.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DISPATCHER, OWNER, accessible, call, eventually, open, start, stop, workday } from './harness.js';

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

test('what is wrong with a field is said in the language of the reader', async () => {
  for (const [locale, missing] of [['es-ES', 'Hay que rellenarlo'], ['is-IS', 'Þetta þarf að fylla út']]) {
    const { page } = await open(OWNER, '/board/setup/skills/new', { locale });
    await page.locator('button.primary').click();
    await page.locator('.fault', { hasText: missing }).waitFor();
    await page.locator('input.input').first().fill('a'.repeat(300));
    await page.locator('button.primary').click();
    await page.locator('.fault', { hasText: locale === 'es-ES' ? /^De 1 a \d+ caracteres$/ : /^1 til \d+ stafir$/ }).waitFor();
  }
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
  // When it was planned is over.
  assert.equal(await panel.getByText('Planned', { exact: true }).count(), 0);
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

test('a table that is not UTF-8 is refused, and columns that are not known are named', async () => {
  const { page, context } = await open(OWNER, '/board/setup/import');
  const send = async (buffer) => {
    await page.getByLabel('What').selectOption('customers');
    await page.getByLabel('File').setInputFiles({ name: 'table.csv', mimeType: 'text/csv', buffer });
    await page.getByRole('button', { name: 'Import' }).click();
  };
  // As spreadsheets write it in Iceland: one byte for each letter.
  await send(Buffer.from(`name\nJón Þór ${run}\n`, 'latin1'));
  await page.getByText('is not UTF-8').waitFor();
  await send(Buffer.from(`name;shoe size\nJón Þór ${run};45\n`));
  await page.getByText('Columns that are not known were left out: shoe size').waitFor();
  await accessible(page, 'an import');
  const found = await call(context, 'GET', `/customers?q=${encodeURIComponent(run)}`);
  assert.deepEqual(found.items.map((one) => one.name).filter((name) => name.startsWith('J')), [`Jón Þór ${run}`]);
  await context.close();
});

test('dispatchers read in the audit who did what, by name', async () => {
  const { page, context } = await open(OWNER);
  const skill = await call(context, 'POST', '/skills', { name: `Audited ${run}` });
  const { name } = await call(context, 'GET', '/me');
  const office = await open(DISPATCHER, '/board/setup/audit?noun=skills');
  await office.page.getByText(`Audited ${run}`).first().waitFor();
  assert.match(await office.page.locator('summary').first().textContent(), new RegExp(`${name} created skill Audited ${run}`));
  assert.ok(skill.id);
  await page.close();
});

test('the point on the map follows the address that is typed, until it is set by hand', async () => {
  const { page, context } = await open(OWNER, '/board/setup/sites/new');
  const [house] = (await call(context, 'GET', '/addresses?q=Skeifan%2015%20108&limit=1')).items;
  const at = async () => [Number(await page.getByLabel('Latitude').inputValue()), Number(await page.getByLabel('Longitude').inputValue())];
  const isThere = ([lat, lon]) => Math.abs(lat - house.place.lat) < 1e-5 && Math.abs(lon - house.place.lon) < 1e-5;
  await page.getByLabel('Street').fill('skeifan');
  await page.getByLabel('Number', { exact: true }).fill('15');
  await page.getByLabel('Postcode').fill('108');
  await eventually('the point is at the house', async () => isThere(await at()));
  // Elsewhere on the map, and it says so.
  await page.getByRole('application').click({ position: { x: 20, y: 20 } });
  await page.getByText(/is \d.* km from this address/).waitFor();
  await accessible(page, 'a point away from its address');
  await page.getByLabel('Name').fill('By hand');
  assert.ok(!isThere(await at()));
  await page.getByRole('button', { name: 'Put the point at the address' }).click();
  assert.ok(isThere(await at()));
  await page.getByText('from this address').waitFor({ state: 'detached' });
  await context.close();
});

test('an address that nobody knows is not taken for the place where maps begin', async () => {
  const { page, context } = await open(OWNER, '/board/setup/sites/new');
  await page.getByLabel('Street').fill('Hvergigata');
  await page.getByLabel('Number', { exact: true }).fill('1');
  await page.getByLabel('Name').focus();
  await page.getByText('the point on the map has not been set').waitFor();
  // A street whose house is not known brings its middle, and says so.
  await page.getByLabel('Street').fill('Skipholt 9, 105 Reykjavík');
  await page.getByLabel('Number', { exact: true }).fill('');
  await page.getByText('Only the street is known here').waitFor();
  const [street] = (await call(context, 'GET', '/addresses?q=Skipholt%20105&limit=1')).items;
  assert.ok(Math.abs(Number(await page.getByLabel('Latitude').inputValue()) - street.place.lat) < 1e-5);
  await context.close();
});

test('first steps end with slots that are true', async () => {
  const { page, context } = await open(OWNER, '/board/start');
  await page.getByRole('heading', { name: 'These times are true' }).waitFor();
  await accessible(page, 'first steps');
  await context.close();
});
