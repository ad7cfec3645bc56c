/** The plan that the board shows: read, followed live, changed, and taken back. */
import { ApiProblem, all, del, get, post, type Schemas } from '../../shared/api';
import { dateOf, isDate, shifted, weekOf } from '../../shared/dates';
import { place } from '../../shared/router.svelte';
import type { Me } from '../../shared/session';
import { locale, shortDate, t, time, tn } from '../../shared/text';
import { complain, sentence, toast } from '../../shared/toasts.svelte';
import { movable } from './drag.svelte';
import { follow } from './events';
import { newsOf, type News, type PlanEvent } from './news';
import { extraWith } from './rows';
import { Steps } from './steps.svelte';

export type Day = Schemas['BoardDay'];
export type Person = Schemas['BoardTechnician'];
export type Stop = Schemas['BoardStop'];
export type Waiting = Schemas['BoardVisit'];
export type Fit = Schemas['TechnicianFit'];
export type Lock = Schemas['Lock'];
export type Technician = Schemas['TechnicianRecord'] & { id: string };
export interface Named { id: string; name: string }
export type View = 'day' | 'week' | 'list';

/** Who does a visit when; none while it waits. */
export interface Stand { start: string; technician_ids: string[] }
/** A reading of the days shown, and the one that follows it for those who asked meanwhile. */
interface Reading { key: string; abort: AbortController; done: Promise<void>; next?: Promise<void> }

/** A visit wherever it stands. */
export interface Found { id: string; stop: Stop | null; waiting: Waiting | null; person: Person | null; day: Day }

const stamp = (text: string): number => Date.parse(text);

export class Plan {
  me: Me;
  locations = $state.raw<(Schemas['LocationRecord'] & { id: string })[]>([]);
  technicians = $state.raw(new Map<string, Technician>());
  zones = $state.raw<(Named & { shape: Schemas['ZoneShape'] })[]>([]);
  teams = $state.raw<(Named & { technician_ids: string[] })[]>([]);
  skills = $state.raw(new Map<string, string>());
  days = $state.raw<Day[]>([]);
  failure = $state<unknown>(null);
  /** Whether changes are heard as they happen; none until that is tried. */
  live = $state<boolean | null>(null);
  busy = $state(0);
  now = $state(Date.now());

  selected = $state<string | null>(null);
  hovered = $state<string | null>(null);
  /** More visits that are chosen together, for what is done to all of them. */
  chosen = $state.raw(new Set<string>());
  /** What others changed since the board was opened, the newest first. */
  news = $state.raw<News[]>([]);
  /** Proposals for the days shown that nobody has decided on, for instance those that a rule made; the newest first. */
  proposals = $state.raw<Schemas['Proposal'][]>([]);
  readonly steps = new Steps();
  /** Whether the locations have been read; an organization without any is new. */
  ready = $state(false);
  #stop: (() => void)[] = [];
  #reading: Reading | null = null;
  /** The location whose days were asked for and answered, or refused. */
  readOf = $state('');
  /** The last event that is in the days; none if they could not be read. */
  #last: number | null = null;

  constructor(me: Me) {
    this.me = me;
    const tick = setInterval(() => { this.now = Date.now(); }, 20_000);
    this.#stop.push(() => clearInterval(tick));
  }

  readonly view: View = $derived.by(() => {
    const asked = place.query.get('view');
    return asked === 'week' || asked === 'list' ? asked : 'day';
  });
  readonly locationId: string = $derived(this.locations.find((one) => one.id === place.query.get('location'))?.id ?? this.locations[0]?.id ?? '');
  readonly zone: string = $derived(this.locations.find((one) => one.id === this.locationId)?.time_zone ?? this.#home());
  readonly today: string = $derived(dateOf(this.now, this.zone));
  readonly date: string = $derived.by(() => {
    const asked = place.query.get('date');
    return isDate(asked) ? asked : this.today;
  });
  readonly dates: string[] = $derived(this.view === 'week' ? weekOf(this.date, locale()).slice(0, 5) : [this.date]);
  readonly day: Day | undefined = $derived(this.days.find((day) => day.date === this.date) ?? this.days[0]);
  /** The zone of the organization, until its locations are read. */
  #home(): string { return this.me.organization?.time_zone ?? 'UTC'; }

  go(date: string): void { place.set({ date: date === this.today ? null : date }, { replace: false }); }
  step(by: number): void { this.go(shifted(this.date, by * (this.view === 'week' ? 7 : 1))); }

  /** Reads what changes seldom; then the days, and follows them. */
  async start(): Promise<void> {
    try {
      const [locations, technicians, zones, teams, skills] = await Promise.all([
        all((cursor) => get('/api/v1/locations', { query: { limit: 500, cursor } as never }) as never),
        all((cursor) => get('/api/v1/technicians', { query: { limit: 500, cursor } as never }) as never),
        all((cursor) => get('/api/v1/zones', { query: { limit: 500, cursor } as never }) as never),
        all((cursor) => get('/api/v1/teams', { query: { limit: 500, cursor } as never }) as never),
        all((cursor) => get('/api/v1/skills', { query: { limit: 500, cursor } as never }) as never),
      ]);
      this.technicians = new Map((technicians as Technician[]).map((one) => [one.id, one]));
      this.zones = zones as never;
      this.teams = teams as never;
      this.skills = new Map((skills as Named[]).map((one) => [one.id, one.name]));
      this.locations = locations as never;
      this.failure = null;
      this.ready = true;
    } catch (error) {
      this.failure = error;
    }
  }

  stop(): void {
    for (const stop of this.#stop) stop();
    this.#reading?.abort.abort();
  }

  /**
   * Reads the days shown again, and ends when they are as new as the call. A reading of the same days that is under
   * way goes on and is followed by one more; one of other days no longer counts.
   */
  load(): Promise<void> {
    const location_id = this.locationId;
    if (!location_id) return Promise.resolve();
    const key = [location_id, ...this.dates].join(' ');
    const under_way = this.#reading;
    if (under_way?.key === key) return (under_way.next ??= under_way.done.then(() => this.load()));
    under_way?.abort.abort();
    const reading: Reading = { key, abort: new AbortController(), done: Promise.resolve() };
    this.#reading = reading;
    return (reading.done = this.#read(location_id, this.dates, reading));
  }

  async #read(location_id: string, dates: string[], reading: Reading): Promise<void> {
    const { signal } = reading.abort;
    try {
      const days = await Promise.all(dates.map((date) => get('/api/v1/plans/{date}/board', { path: { date }, query: { location_id } as never, signal })));
      if (signal.aborted) return;
      this.days = days;
      this.failure = null;
      this.#last = Math.min(...days.map((day) => day.last_event_id));
      this.readOf = location_id;
      void this.#propose(location_id);
    } catch (error) {
      if (signal.aborted) return;
      this.failure = error;
      this.#last = null;
      this.readOf = location_id;
    } finally {
      if (this.#reading === reading) this.#reading = null;
    }
  }

  async #propose(location_id: string): Promise<void> {
    const found = await get('/api/v1/proposals', { query: { status: 'open', limit: 20 } as never }).catch(() => null);
    const concerns = (one: Schemas['Proposal']) => one.lines.length > 0 && one.versions.some((version) => version.location_id === location_id && this.dates.includes(version.date));
    this.proposals = found?.items.filter(concerns) ?? [];
  }

  /** Follows the plan of a location that was read; changes appear as they happen, from the reading on. */
  follow(locationId: string): () => void {
    let due: ReturnType<typeof setTimeout> | undefined;
    const start = this.#last;
    let heard = start !== null;
    let events: PlanEvent[] = [];
    // As it was when the first of them came: a reading that is under way may know of them.
    let before: Day[] = [];
    const catchUp = async () => {
      const [what, was] = [events, before];
      events = [];
      await this.load();
      if (what.length > 0) await this.#tell(what, was);
    };
    const stop = follow(
      (last) => {
        const seen = last ?? start;
        return `/api/v1/events?location_id=${locationId}${seen === null ? '' : `&last_event_id=${seen}`}`;
      },
      (event) => {
        // The first stream begins where the reading ended, later ones where the one before them did. Only where
        // nothing could be read, there is something to read now.
        if (event.kind === 'ready' && heard) return;
        heard = true;
        clearTimeout(due);
        due = setTimeout(() => void catchUp(), 120);
        if (event.kind === 'ready' || event.kind === 'reset') return;
        if (events.length === 0) before = this.days;
        events.push(JSON.parse(event.data) as PlanEvent);
      },
      (live) => { this.live = live; },
    );
    return () => { clearTimeout(due); stop(); };
  }

  /** Says who changed what, unless it was oneself. */
  async #tell(events: PlanEvent[], before: Day[]): Promise<void> {
    try {
      for (const one of await newsOf(this, events, before)) {
        this.news = [one, ...this.news].slice(0, 50);
        toast(one.text, { more: one.more.slice(0, 5), action: { label: t('board.show'), run: () => { this.selected = one.visit; } } });
      }
    } catch { /* Who may not read the audit sees the change all the same. */ }
  }

  /** Takes a visit among those that something is done to together, or out of them. */
  choose(visit: string): void {
    const chosen = new Set(this.chosen);
    if (this.selected) chosen.add(this.selected);
    if (!chosen.delete(visit) || chosen.size === 0) chosen.add(visit);
    this.chosen = chosen;
  }

  find(visit: string | null): Found | null {
    if (!visit) return null;
    for (const day of this.days) {
      for (const person of day.technicians) {
        for (const stop of stopsOf(person)) if (stop.visit_id === visit) return { id: visit, stop, waiting: null, person, day };
      }
      const waiting = day.unassigned.find((one) => one.id === visit);
      if (waiting) return { id: visit, stop: null, waiting, person: null, day };
    }
    return null;
  }

  stand(found: Found): Stand | null {
    return found.stop?.start ? { start: found.stop.start, technician_ids: found.stop.technician_ids } : null;
  }

  nameOf(technician: string): string {
    return this.technicians.get(technician)?.name ?? this.days[0]?.technicians.find((one) => one.technician_id === technician)?.name ?? '';
  }

  /** Everybody's openings for a visit on a date. */
  fits(visit: string, date: string, keep: string[], signal?: AbortSignal): Promise<Schemas['Fits']> {
    return post('/api/v1/plans:fits', { body: { visit_id: visit, date, with: keep }, signal });
  }

  /** Gives a visit to somebody at a time, as one change that can be taken back. */
  async move(visit: string, after: Stand, { force = false, quiet = false } = {}): Promise<boolean> {
    const found = this.find(visit);
    if (!found) return false;
    const label = found.stop?.title || found.waiting?.title || t('board.a_visit');
    const before = this.stand(found);
    if (!(await this.#make(visit, after, force))) return false;
    this.steps.record({ label, back: () => this.#make(visit, before, false), forth: () => this.#make(visit, after, force) });
    if (quiet) return true;
    const who = (this.find(visit)?.stop?.technician_ids ?? after.technician_ids).map((id) => this.nameOf(id)).join(', ');
    toast(t('board.moved', { title: label, who, time: time(after.start, this.zone) }), { kind: 'good', action: { label: t('common.undo'), run: () => void this.steps.undo() } });
    return true;
  }

  async unassign(visit: string): Promise<boolean> {
    const found = this.find(visit);
    if (!found?.stop) return false;
    const [label, before] = [found.stop.title || t('board.a_visit'), this.stand(found)];
    if (!(await this.#make(visit, null, false))) return false;
    this.steps.record({ label, back: () => this.#make(visit, before, false), forth: () => this.#make(visit, null, false) });
    toast(t('board.unassigned_now', { title: label }), { kind: 'good', action: { label: t('common.undo'), run: () => void this.steps.undo() } });
    return true;
  }

  /** Puts a visit where it is wanted; false if that was refused, which is said. */
  async #make(visit_id: string, to: Stand | null, force: boolean): Promise<boolean> {
    this.busy += 1;
    try {
      if (to) {
        const date = dateOf(stamp(to.start), this.zone);
        const plan_version = this.days.find((day) => day.date === date)?.plan_version;
        await post('/api/v1/visits/{visit_id}:move', { path: { visit_id }, body: { ...to, plan_version, force } });
      } else {
        await post('/api/v1/visits/{visit_id}:unassign', { path: { visit_id } });
      }
      await this.load();
      return true;
    } catch (error) {
      if (error instanceof ApiProblem && Array.isArray(error.body.visits)) {
        await this.load();
        const visits = error.body.visits as string[];
        toast(t('board.stale'), { kind: 'bad', more: this.titles(visits) });
      } else complain(error);
      return false;
    } finally {
      this.busy -= 1;
    }
  }

  /** What some visits are called, the first of them; how many there are if none is in sight. */
  titles(visits: string[]): string[] {
    const names = visits.map((id) => this.find(id)).map((one) => one?.stop?.title || one?.waiting?.title).filter(Boolean) as string[];
    return names.length > 0 ? [...new Set(names)].slice(0, 5) : [tn('board.visits', visits.length)];
  }

  /** Locks visits or sets them free, as one change that can be taken back. */
  async lock(visits: string[], lock: Lock): Promise<void> {
    const before = visits.flatMap((id) => { const it = this.find(id); return it ? [{ id, lock: it.stop?.lock ?? it.waiting?.lock ?? ('none' as Lock) }] : []; });
    const set = (all: { id: string; lock: Lock }[]) => this.act(async () => {
      for (const one of all) await post('/api/v1/visits/{visit_id}:lock', { path: { visit_id: one.id }, body: { lock: one.lock } });
    });
    const after = before.map(({ id }) => ({ id, lock }));
    if (!(await set(after))) return;
    const title = before.length === 1 ? this.titles([before[0].id])[0] : tn('board.visits', before.length);
    this.steps.record({ label: `${t('board.lock')}, ${title}`, back: () => set(before), forth: () => set(after) });
  }

  /** Notes that somebody is absent, as one change that can be taken back; when, as it was noted. */
  async absent(technician_id: string, from: number, until: number, what: string): Promise<{ start: string; end: string } | null> {
    const [start, end] = [new Date(Math.ceil(from / 60_000) * 60_000).toISOString(), new Date(until).toISOString()];
    let absence_id = '';
    const forth = () => this.act(async () => {
      absence_id = (await post('/api/v1/absences', { body: { technician_id, start, end, kind: 'sick' } as never })).id;
    });
    if (!(await forth())) return null;
    const back = () => this.act(() => del('/api/v1/absences/{absence_id}', { path: { absence_id } }));
    this.steps.record({ label: `${this.nameOf(technician_id)}, ${what}`, back, forth });
    return { start, end };
  }

  /** Notes that a visit needs so much longer than was noted before, as one change that can be taken back
   * with all that it pushed; the minutes that are noted now. */
  async longer(visit_id: string, minutes: number): Promise<number | null> {
    const found = this.find(visit_id);
    if (!found?.stop) return null;
    const before = extraWith(found.stop, 0);
    const noted = extraWith(found.stop, minutes);
    let pushed: Schemas['Effect'][] = [];
    const note = async (minutes: number) => (await post('/api/v1/visits/{visit_id}:progress', { path: { visit_id }, body: { step: 'needs_more', minutes } as never })).effects;
    const forth = () => this.act(async () => { pushed = await note(noted); });
    if (!(await forth())) return null;
    const back = () => this.act(async () => {
      await note(before);
      await this.load();
      const first = new Map(pushed.map((one) => [one.visit_id, one] as const));
      const all = [...first.values()].sort((a, b) => stamp(a.planned_start) - stamp(b.planned_start));
      for (const one of all) {
        const stop = this.find(one.visit_id)?.stop;
        // What somebody has moved since, or begun, stays where it is.
        if (!stop?.start || stamp(stop.start) !== stamp(one.expected_start) || !movable(stop.status)) continue;
        await post('/api/v1/visits/{visit_id}:move', { path: { visit_id: one.visit_id }, body: { start: one.planned_start, technician_ids: stop.technician_ids, force: true } });
      }
    });
    this.steps.record({ label: `${t('board.overrun')} +${minutes} min, ${found.stop.title || t('board.a_visit')}`, back, forth });
    return noted;
  }

  /** Does something to the plan and reads it again. */
  async act(what: () => Promise<unknown>): Promise<boolean> {
    this.busy += 1;
    try {
      await what();
      await this.load();
      return true;
    } catch (error) {
      complain(error);
      return false;
    } finally {
      this.busy -= 1;
    }
  }

  describe(found: Found): string {
    const { stop, waiting, person } = found;
    if (waiting) return [waiting.title, waiting.customer, t('board.waiting')].filter(Boolean).join(', ');
    if (!stop?.start || !stop.end) return '';
    return [stop.title, stop.customer, `${time(stop.start, this.zone)}–${time(stop.end, this.zone)}`, shortDate(stop.start, this.zone), person?.name].filter(Boolean).join(', ');
  }

  say(text: string): string { return sentence(text); }
}

export const stopsOf = (person: Person): Stop[] => [...person.shifts.flatMap((shift) => shift.stops), ...person.outside];
