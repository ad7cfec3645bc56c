// The technician's day on a phone, with and without a network.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BASE, DISPATCHER, TECHNICIAN, accessible, call, eventually, open, start, stop } from './harness.js';

const PHONE = { viewport: { width: 412, height: 823 }, hasTouch: true };
let visit;
/** Another name each time, since what was left over from another run may still be there. */
const TITLE = `Leaking gutter ${Date.now().toString(36).slice(-4)}`;

before(async () => {
  await start();
  const { context } = await open(DISPATCHER);
  const { context: own } = await open(TECHNICIAN);
  const { technician_id: technician } = await call(own, 'GET', '/me');
  await own.close();
  const person = await call(context, 'GET', `/technicians/${technician}`);
  const services = await call(context, 'GET', '/services');
  const service = services.items.find((one) => one.crew.size === 1);
  visit = await call(context, 'POST', '/visits', {
    service_ids: [service.id], location_id: person.location_id, title: TITLE,
    place: { lat: 64.11, lon: -21.89, address: { street: 'Álfabakki', house_number: '12', postcode: '109', city: 'Reykjavík' } },
  });
  // Within the day, whenever the tests run; rules of hours do not matter here.
  const day = await call(context, 'GET', `/technicians/${technician}/day?date=${new Date().toISOString().slice(0, 10)}`);
  const busy = [...day.shifts.flatMap((shift) => shift.stops), ...day.outside].filter((stop) => stop.visit_id);
  const last = Math.max(Date.now(), ...busy.map((stop) => Date.parse(stop.planned_end)));
  const midnight = new Date().setUTCHours(24, 0, 0, 0);
  const start_ = new Date(Math.min(Math.ceil((last + 60_000) / 60_000) * 60_000, midnight - 60_000)).toISOString();
  await call(context, 'POST', `/visits/${visit.id}:move`, { start: start_, technician_ids: [technician], force: true });
  await context.close();
});
after(stop);

async function finishOthers(page) {
  // What the demo planned for today may come first; this test is about its own visit.
  await page.locator('main ol li.visit button', { hasText: TITLE }).click();
}

test('a technician reports a visit step by step and notes something about it', async () => {
  const { page, context } = await open(TECHNICIAN, '/day', PHONE);
  await page.waitForSelector('main ol li.visit');
  await accessible(page, 'day');
  await finishOthers(page);
  const dialog = page.locator('dialog');
  await dialog.getByRole('button', { name: 'On my way' }).click();
  await dialog.getByRole('button', { name: 'I have arrived' }).waitFor();
  await dialog.getByRole('textbox', { name: 'Note' }).fill('The ladder is behind the shed');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.locator('li', { hasText: 'The ladder is behind the shed' }).waitFor();
  await accessible(page, 'a visit of the day');
  await eventually('on the way', async () => (await call(context, 'GET', `/visits/${visit.id}`)).status === 'en_route');
  await eventually('the note is sent', async () => (await call(context, 'GET', `/visits/${visit.id}/notes`)).items.length === 1);
  const notes = await call(context, 'GET', `/visits/${visit.id}/notes`);
  assert.equal(notes.items[0].text, 'The ladder is behind the shed');
  await context.close();
});

/** A picture as a phone takes one: grain everywhere, so that it does not become small. */
const picture = (page) => page.evaluate(() => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [1000, 800];
  const pen = canvas.getContext('2d');
  const grain = pen.createImageData(1000, 800);
  for (let at = 0; at < grain.data.length; at += 1) grain.data[at] = at % 4 === 3 ? 255 : (at * 2654435761 >>> 13) % 97 + 80;
  pen.putImageData(grain, 0, 0);
  return canvas.toDataURL('image/jpeg', 0.9).split(',')[1];
});

test('a photo of more than 100 kB reaches the office, and one that is refused stays until it is sent', async () => {
  const { page, context } = await open(TECHNICIAN, '/day', PHONE);
  await page.waitForSelector('main ol li.visit');
  await finishOthers(page);
  const dialog = page.locator('dialog');
  const buffer = Buffer.from(await picture(page), 'base64');
  const note = async (words) => {
    await dialog.locator('input[type=file]').setInputFiles({ name: 'roof.jpg', mimeType: 'image/jpeg', buffer });
    await dialog.locator('.preview img').waitFor();
    await dialog.getByRole('textbox', { name: 'Note' }).fill(words);
    await dialog.getByRole('button', { name: 'Save' }).click();
  };
  const noted = async (words) => (await call(context, 'GET', `/visits/${visit.id}/notes`)).items.find((one) => one.text === words);
  await note('The roof from below');
  await eventually('the photo is there', () => noted('The roof from below'));
  const { id } = await noted('The roof from below');
  const kept = await context.request.get(`/api/v1/visit-notes/${id}/photo`);
  assert.equal(kept.headers()['content-type'], 'image/jpeg');
  assert.ok((await kept.body()).length > 100_000, `${(await kept.body()).length} bytes`);

  // A server that takes no such photo: note and photo stay on the phone, over a reload, and can be sent again.
  const errors = [{ field: 'photo', value: '', message: 'must have at most 20000 characters' }];
  const refuse = (route) => (route.request().method() === 'POST'
    ? route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Invalid', status: 422, errors }) }) : route.continue());
  await context.route('**/visits/*/notes', refuse);
  await note('The roof from above');
  const refused = dialog.locator('li', { hasText: 'The photo was refused' });
  await refused.waitFor();
  await accessible(page, 'a photo that was refused');
  await page.reload();
  await page.locator('.strip.bad').getByRole('button', { name: 'Details' }).click();
  await refused.locator('img').waitFor();
  await refused.getByRole('button', { name: 'Change' }).click();
  assert.equal(await dialog.getByRole('textbox', { name: 'Note' }).inputValue(), 'The roof from above');
  await dialog.locator('.preview img').waitFor();
  await context.unroute('**/visits/*/notes', refuse);
  await refused.getByRole('button', { name: 'Send without the photo' }).click();
  await refused.waitFor({ state: 'detached' });
  await eventually('the words are there', () => noted('The roof from above'));
  assert.equal((await noted('The roof from above')).has_photo, false);
  await context.close();
});

test('a visit that will last into the next one says until when', async () => {
  const { page, context } = await open(TECHNICIAN, null, PHONE);
  await context.route('**/technicians/*/days?*', async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    for (const stop of body.days.flatMap((day) => [...day.shifts.flatMap((shift) => shift.stops), ...day.outside])) {
      if (stop.title === TITLE) stop.expected_end = new Date(Date.parse(stop.planned_end) + 20 * 60_000).toISOString();
    }
    await route.fulfill({ response: answer, json: body });
  });
  await page.goto(`${BASE}/day`);
  const line = page.locator('main ol li.visit', { hasText: TITLE });
  await line.getByText(/expected until \d/).waitFor();
  await line.locator('button').click();
  await page.locator('dialog').getByText(/expected until \d/).waitFor();
  await accessible(page, 'a visit that lasts longer');
  await context.close();
});

test('what was reported about a visit that the office took away is refused in words', async () => {
  const { page, context } = await open(TECHNICIAN, '/day', { ...PHONE, expect: [/status of 404/] });
  await page.waitForSelector('main ol li.visit');
  const gone = { status: 404, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Not found', status: 404, detail: `visit ${visit.id} does not exist` }) };
  await context.route('**/visits/*/notes', (route) => (route.request().method() === 'POST' ? route.fulfill(gone) : route.continue()));
  await finishOthers(page);
  await page.locator('dialog').getByRole('textbox', { name: 'Note' }).fill('Nobody hears this');
  await page.locator('dialog').getByRole('button', { name: 'Save' }).click();
  await page.locator('dialog').getByRole('button', { name: 'Close' }).click();
  const strip = page.locator('.strip.bad', { hasText: TITLE });
  await strip.getByText('The office took this visit out of your day.').waitFor();
  assert.ok(!(await strip.textContent()).includes(visit.id));
  await strip.getByRole('button', { name: 'Dismiss' }).click();
  await strip.waitFor({ state: 'detached' });
  await context.close();
});

test('without a network the day is there, and what was done is sent in order when there is one', async () => {
  const { page, context } = await open(TECHNICIAN, '/day', { ...PHONE, expect: [/ERR_INTERNET_DISCONNECTED|ERR_FAILED/] });
  await page.waitForSelector('main ol li.visit');
  await page.evaluate(() => navigator.serviceWorker.ready);
  // The worker takes over with the next load; from then on nothing else is needed.
  await eventually('the page is kept', () => page.evaluate(async () => (await (await caches.open('day-1')).keys()).length > 5));
  await page.reload();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await context.setOffline(true);
  await page.reload();
  await page.waitForSelector('main ol li.visit');
  await page.getByText('No network').waitFor();
  await finishOthers(page);
  const dialog = page.locator('dialog');
  await dialog.getByRole('button', { name: 'I have arrived' }).click();
  await dialog.getByRole('button', { name: 'Start work' }).click();
  await dialog.getByRole('textbox', { name: 'Note' }).fill('Written in the cellar');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.getByText('3 reports wait to be sent').waitFor();
  await page.reload();
  await page.getByText('3 reports wait to be sent').waitFor();
  // As if that had been an hour ago.
  await page.evaluate(() => new Promise((done, failed) => {
    indexedDB.open('roundsman-day').onsuccess = ({ target: { result } }) => {
      const store = result.transaction('queue', 'readwrite').objectStore('queue');
      store.openCursor().onsuccess = ({ target: { result: cursor } }) => {
        if (!cursor) return done();
        const { value } = cursor;
        if (value.kind === 'notes') cursor.update({ ...value, body: { ...value.body, at: new Date(value.at - 3_600_000).toISOString() } });
        return cursor.continue();
      };
      store.transaction.onerror = failed;
    };
  }));
  await context.setOffline(false);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await eventually('the reports are sent', async () => (await call(context, 'GET', `/visits/${visit.id}`)).status === 'started');
  await page.getByText('reports wait to be sent').waitFor({ state: 'detached' });
  const noted = async () => (await call(context, 'GET', `/visits/${visit.id}/notes`)).items.find((one) => one.text === 'Written in the cellar');
  await eventually('the note is sent', noted);
  const { at } = await noted();
  const age = Date.now() - Date.parse(at);
  assert.ok(age > 3_500_000 && age < 3_900_000, `the note carries when it was written: ${at}`);
  await context.close();
});

test('a visit that cannot be done goes back to the office with its reason', async () => {
  const { page, context } = await open(TECHNICIAN, '/day', PHONE);
  await page.waitForSelector('main ol li.visit');
  await finishOthers(page);
  const dialog = page.locator('dialog').last();
  await dialog.getByRole('button', { name: 'Could not do it' }).click();
  await page.locator('dialog').last().getByLabel('No way in').check();
  await accessible(page, 'why a visit could not be done');
  await page.locator('dialog').last().getByRole('button', { name: 'Tell the office' }).click();
  const office = await open(DISPATCHER);
  await eventually('it waits again', async () => (await call(office.context, 'GET', `/visits/${visit.id}`)).status === 'unassigned');
  const now = await call(office.context, 'GET', `/visits/${visit.id}`);
  assert.equal(now.actual.attempts[0].obstacle, 'no_access');
  // Whoever plans reads why, what was noted and sees the photo.
  await office.page.goto(`/board?location=${visit.location_id}&visit=${visit.id}`);
  const told = office.page.locator('.inspector .told');
  await told.getByText('No way in').waitFor();
  await told.getByText('The ladder is behind the shed').waitFor();
  await told.getByRole('img').first().waitFor();
  await office.context.close();
  await context.close();
});
