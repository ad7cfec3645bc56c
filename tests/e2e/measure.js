// Measures the board against its budgets, with days of 100 and of 500 technicians with ten visits each.
// The days are invented here and answered in place of the server's, so that what is measured is the
// page: from the start of its script to its requests, and from their answers to the second frame.
import { BASE, DISPATCHER, call, open, start, stop } from './harness.js';

const BUDGET = { 100: 300, 500: 600 };
const FRAME = 50;
const TINT = 100;
const DATE = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
const at = (minutes) => new Date(Date.parse(`${DATE}T08:00:00Z`) + minutes * 60_000).toISOString();
const id = (kind, number) => `${kind}0000000-0000-7000-8000-${String(number).padStart(12, '0')}`;

/** A day of `people` technicians with ten visits each. */
function day(location, people) {
  const technicians = Array.from({ length: people }, (_, person) => ({
    technician_id: id(1, person), name: `Technician ${String(person).padStart(3, '0')}`, outside: [], absences: [],
    shifts: [{
      start: at(0), end: at(600), overtime_limit_s: 1800, overtime_s: 0, arrival: at(610), feasible: true,
      breaks: [{ start: at(235), end: at(265), is_absence: false }], drive_home: { seconds: 600, metres: 5000 }, start_place: null, end_place: null,
      stops: Array.from({ length: 10 }, (_, number) => ({
        visit_id: id(2, person * 10 + number), start: at(number * 60 + 12), end: at(number * 60 + 52), drive: { seconds: 720, metres: 6000 },
        status: 'planned', lock: 'none', promised: { from: at(number * 60), until: at(number * 60 + 60) }, actual: null,
        place: { lat: 64.1 + person / 5000, lon: -21.9 + number / 100, address: { street: 'Skipholt', house_number: String(number), postcode: '105', city: 'Reykjavík' } },
        title: 'Heating inspection', customer: 'Customer', booking_code: 'ABC1234', technician_ids: [id(1, person)],
      })),
    }],
  }));
  return { location_id: location, date: DATE, time_zone: 'UTC', from: at(-480), until: at(960), plan_version: 1, technicians, equipment: [], unassigned: [] };
}
/** Everybody fits anywhere, as long an answer as there is. */
const fits = (people) => ({
  visit_id: id(2, 0), date: DATE, plan_version: 1,
  technicians: Array.from({ length: people }, (_, person) => ({ technician_id: id(1, person), knows_customer: false, reason: null, openings: Array.from({ length: 6 }, (_, number) => ({ from: at(number * 90), until: at(number * 90 + 45), count: 4, added_travel_s: 300 + number, overtime_s: 0 })) })),
});

async function measured(people) {
  const { page, context } = await open(DISPATCHER);
  const location = (await call(context, 'GET', '/locations')).items[0];
  const [board, places] = [JSON.stringify(day(location.id, people)), JSON.stringify(fits(people))];
  const answer = (body) => (route) => route.fulfill({ contentType: 'application/json', body });
  await page.route('**/api/v1/plans/*/board**', answer(board));
  await page.route('**/api/v1/plans:fits', answer(places));
  await page.route('**/api/v1/events**', (route) => route.fulfill({ contentType: 'text/event-stream', body: 'event: ready\ndata: {}\n\n' }));
  await page.addInitScript(() => {
    const marks = (window.marks = {});
    const plain = window.fetch;
    window.fetch = async (...asked) => {
      const answer = await plain(...asked);
      if (!String(asked[0]).includes('/board?')) return answer;
      const text = await answer.text();
      // Read again once the stream listens; what counts is the first.
      marks.arrived ??= performance.now();
      return new Response(text, { status: answer.status, headers: answer.headers });
    };
    new MutationObserver(() => {
      if (marks.painted || !document.querySelector('.bar.planned')) return;
      marks.painted = -1;
      requestAnimationFrame(() => requestAnimationFrame(() => { marks.painted = performance.now(); }));
    }).observe(document, { subtree: true, childList: true });
  });
  await page.goto(`${BASE}/board?location=${location.id}&date=${DATE}&group=none`);
  await page.waitForFunction(() => window.marks.painted > 0);
  const marks = await page.evaluate(() => {
    const [script] = performance.getEntriesByType('resource').filter((one) => /\/assets\/board-.*\.js/.test(one.name));
    const asked = performance.getEntriesByType('resource').find((one) => one.name.endsWith('/api/v1/me'));
    return { ...window.marks, script: Math.max(0, (asked?.startTime ?? 0) - (script?.responseEnd ?? 0)) };
  });
  const render = marks.script + marks.painted - marks.arrived;

  // A drag over many rows, every frame counted.
  await page.evaluate(() => {
    window.frames = [];
    let last = performance.now();
    const frame = (now) => { window.frames.push(now - last); last = now; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
    addEventListener('pointermove', () => { window.lifted ??= document.querySelector('.lifted') ? performance.now() : undefined; }, true);
    new MutationObserver(() => {
      window.lifted ??= document.querySelector('.bar.lifted') ? performance.now() : undefined;
      if (!window.tinted && document.querySelector('.person.fits, .person.cost, .person.not')) { window.tinted = -1; requestAnimationFrame(() => { window.tinted = performance.now(); }); }
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ['class'] });
  });
  const bar = await page.locator('.bar.planned').nth(2).boundingBox();
  await page.mouse.move(bar.x + 20, bar.y + 15);
  await page.mouse.down();
  await page.mouse.move(bar.x + 40, bar.y + 30, { steps: 3 });
  await page.waitForFunction(() => window.tinted > 0);
  const tint = await page.evaluate(() => window.tinted - window.lifted);
  await page.evaluate(() => { window.frames.length = 0; });
  for (let step = 0; step < 60; step += 1) await page.mouse.move(bar.x + 40 + step * 9, bar.y + 30 + Math.sin(step / 6) * 200 + 150);
  const frames = await page.evaluate(() => window.frames.slice(1));
  await page.keyboard.press('Escape');
  await page.mouse.up();
  const elements = await page.evaluate(() => document.querySelectorAll('*').length);
  await context.close();
  return { people, render, tint, worst: Math.max(...frames), frames: frames.length, elements };
}

await start();
let failed = false;
for (const people of [100, 500]) {
  const runs = [];
  for (let run = 0; run < 3; run += 1) runs.push(await measured(people));
  const median = (name) => runs.map((run) => run[name]).sort((a, b) => a - b)[1];
  const found = { render: median('render'), tint: median('tint'), worst: median('worst') };
  const ok = found.render <= BUDGET[people] && found.tint <= TINT && found.worst <= FRAME;
  failed ||= !ok;
  console.log(`${people} x 10: first render ${found.render.toFixed(0)} ms (${BUDGET[people]}), tint ${found.tint.toFixed(0)} ms (${TINT}), worst drag frame ${found.worst.toFixed(0)} ms (${FRAME}), ${runs[0].elements} elements${ok ? '' : '  OVER'}`);
}
await stop();
process.exitCode = failed ? 1 : 0;
