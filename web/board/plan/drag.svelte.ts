/** A visit in the air: picked up by mouse, touch or keyboard, with what the server says of every row. */
import { dateOf } from '../../shared/dates';
import { duration, t, time } from '../../shared/text';
import type { Schemas } from '../../shared/api';
import { complain } from '../../shared/toasts.svelte';
import type { Fit, Found, Plan } from './plan.svelte';

export type Tint = 'fits' | 'cost' | 'not' | '';
export interface Target {
  technician: string;
  start: number;
  fits: boolean;
  travel: number;
  overtime: number;
  reason: string;
}
/** Which row and moment are under a point of the screen; the tray, or nothing. */
export type Hit = { technician: string; at: number } | 'tray' | null;

/** Driving added beyond this makes a place a dear one, seconds. */
const DEAR_S = 15 * 60;
const STEP = 5 * 60_000;
/** A start farther than this from the pointer is no answer to it, milliseconds. */
const NEAR = 60 * 60_000;

/** A start that fits, and what it costs in seconds. */
export interface Start { at: number; travel: number; overtime: number }

/** Every start of a technician that keeps what was promised, ascending. */
export function startsOf(fit: Fit | undefined, promised: { from: string; until: string } | null | undefined): Start[] {
  const [first, last] = promised ? [Date.parse(promised.from), Date.parse(promised.until)] : [-Infinity, Infinity];
  const found: Start[] = [];
  for (const opening of fit?.openings ?? []) {
    const [from, until] = [Date.parse(opening.from), Date.parse(opening.until)];
    // Between the starts of the grid there are single ones, of which it counts none.
    for (let number = 0; number < Math.max(1, opening.count); number += 1) {
      const at = opening.count > 1 ? from + ((until - from) * number) / (opening.count - 1) : from;
      if (at >= first && at <= last) found.push({ at, travel: opening.added_travel_s, overtime: opening.overtime_s });
    }
  }
  return found.sort((a, b) => a.at - b.at);
}

/** The others of the crew, who come in any case. */
function keptOf(found: Found, from: string | null): string[] {
  const crew = found.stop?.technician_ids ?? [];
  return from && crew.length > 1 ? crew.filter((id) => id !== from) : [];
}

export class Drag {
  found = $state.raw<Found | null>(null);
  /** The row it comes from; none from the tray. */
  from = $state<string | null>(null);
  mode = $state<'pointer' | 'keyboard'>('pointer');
  fits = $state.raw<Map<string, Fit> | null>(null);
  target = $state.raw<Target | null>(null);
  overTray = $state(false);
  pointer = $state.raw({ x: 0, y: 0 });
  length = 0;
  /** Where in the bar it was taken, milliseconds from its start. */
  grab = 0;
  /** Set by the timeline: what is under the pointer. */
  hit: (x: number, y: number) => Hit = () => null;
  /** Set by the timeline: rows in the order in which they stand. */
  order: () => string[] = () => [];
  /** Set by the timeline: brings a row and a moment into sight. */
  reveal: (technician: string, at: number) => void = () => undefined;
  /** Milliseconds from the pick-up to the answer about every row. */
  answered = 0;
  #abort: AbortController | null = null;
  #asked: { key: string; answers: Promise<Schemas['Fits'][]> } | null = null;
  #open = new Map<string, Start[]>();

  constructor(readonly plan: Plan) {}

  get on(): boolean { return this.found !== null; }

  /** Asks where a visit fits that may be taken up in a moment, so that the answer is there when it is. */
  prepare(found: Found, from: string | null): Promise<Schemas['Fits'][]> {
    const kept = keptOf(found, from);
    const key = JSON.stringify([found.id, kept, this.plan.days.map((day) => [day.date, day.plan_version])]);
    if (this.#asked?.key === key) return this.#asked.answers;
    this.#abort?.abort();
    const own = (this.#abort = new AbortController());
    const answers = Promise.all(this.plan.dates.map((date) => this.plan.fits(found.id, date, kept, own.signal)));
    // Whoever takes it up hears of a failure; a press that became nothing does not.
    answers.catch(() => { if (this.#asked?.answers === answers) this.#asked = null; });
    this.#asked = { key, answers };
    return answers;
  }

  /** Takes a visit up and asks where it fits. */
  start(found: Found, from: string | null, mode: 'pointer' | 'keyboard', grab = 0): void {
    const { stop, waiting } = found;
    if (stop && !movable(stop.status)) return;
    const answered = this.prepare(found, from);
    const own = this.#abort!;
    this.#lay();
    this.found = found;
    this.from = from;
    this.mode = mode;
    this.grab = grab;
    this.length = stop?.start && stop.end
      ? Date.parse(stop.end) - Date.parse(stop.start)
      : waiting ? (waiting.needs.setup_s + waiting.needs.work_s + waiting.needs.exit_s) * 1000 : 0;
    const begun = performance.now();
    void answered.then((answers) => {
      if (own.signal.aborted || this.found !== found) return;
      const fits = new Map<string, Fit>();
      for (const answer of answers) {
        for (const fit of answer.technicians) {
          const known = fits.get(fit.technician_id);
          fits.set(fit.technician_id, known ? { ...fit, openings: [...known.openings, ...fit.openings] } : fit);
        }
      }
      this.#open = new Map();
      this.fits = fits;
      this.answered = performance.now() - begun;
      if (this.mode === 'keyboard') this.#first();
      else if (this.target) this.#aim(this.target.technician, this.target.start);
    }).catch((error) => { if (!own.signal.aborted) { complain(error); this.cancel(); } });
  }

  crewWith(technician: string): string[] {
    const crew = this.found?.stop?.technician_ids ?? [];
    if (!this.from || crew.length <= 1) return [technician];
    return crew.map((id) => (id === this.from ? technician : id));
  }

  tint(technician: string): Tint {
    if (!this.on || !this.fits) return '';
    const open = this.open(technician);
    if (open.length === 0) return 'not';
    const best = Math.min(...open.map((one) => one.travel + one.overtime * 2));
    return best > DEAR_S || open.every((one) => one.overtime > 0) ? 'cost' : 'fits';
  }

  moveTo(x: number, y: number): void {
    this.pointer = { x, y };
    const hit = this.hit(x, y);
    this.overTray = hit === 'tray';
    if (hit === null || hit === 'tray') this.target = null;
    else this.#aim(hit.technician, hit.at - this.grab);
  }

  /** The nearest start that fits in a row; the wish itself where none is near. */
  #aim(technician: string, wish: number): void {
    const start = Math.round(wish / STEP) * STEP;
    const target: Target = { technician, start, fits: false, travel: 0, overtime: 0, reason: '' };
    const open = this.open(technician);
    const nearest = open.reduce<Start | null>((best, one) => (!best || Math.abs(one.at - wish) < Math.abs(best.at - wish) ? one : best), null);
    if (nearest && (Math.abs(nearest.at - wish) <= NEAR || this.mode === 'keyboard')) {
      Object.assign(target, { start: nearest.at, fits: true, travel: nearest.travel, overtime: nearest.overtime });
    } else target.reason = this.#reason(technician, start, open);
    const old = this.target;
    if (!old || old.technician !== target.technician || old.start !== target.start || old.fits !== target.fits || old.reason !== target.reason) this.target = target;
  }

  #reason(technician: string, start: number, open: Start[]): string {
    if (!this.fits) return t('common.loading');
    const promised = this.found?.stop?.promised ?? this.found?.waiting?.promised;
    if (promised && (start < Date.parse(promised.from) || start > Date.parse(promised.until))) {
      return t('board.drag.promise', { from: time(promised.from, this.plan.zone), until: time(promised.until, this.plan.zone) });
    }
    const same = open.filter((one) => dateOf(one.at, this.plan.zone) === dateOf(start, this.plan.zone));
    if (same.length > 0) return t('board.drag.nearest', { time: time(same.reduce((best, one) => (Math.abs(one.at - start) < Math.abs(best.at - start) ? one : best)).at, this.plan.zone) });
    return this.fits.get(technician)?.reason?.sentence ?? t('board.drag.not_here');
  }

  /** Every start that fits in a row and keeps what was promised, ascending. */
  open(technician: string): Start[] {
    const known = this.#open.get(technician);
    if (known) return known;
    const found = startsOf(this.fits?.get(technician), this.found?.stop?.promised ?? this.found?.waiting?.promised);
    if (this.fits) this.#open.set(technician, found);
    return found;
  }

  /** In the keyboard's hands: where it stands now, or the first place that fits. */
  #first(): void {
    const row = this.from ?? this.order().find((id) => this.open(id).length > 0) ?? this.order()[0];
    const start = this.found?.stop?.start;
    if (!row) return;
    this.#aim(row, start ? Date.parse(start) : (this.open(row)[0]?.at ?? this.plan.now));
    this.#show();
  }

  #show(): void { if (this.target) this.reveal(this.target.technician, this.target.start); }

  /** One start earlier or later, or one row up or down among those where it fits. */
  nudge(rows: number, starts: number): void {
    const target = this.target;
    if (!target || !this.fits) return;
    if (rows !== 0) {
      const open = this.order().filter((id) => id === target.technician || this.open(id).length > 0);
      const next = open[Math.min(Math.max(open.indexOf(target.technician) + rows, 0), open.length - 1)];
      this.#aim(next, target.start);
    } else {
      const all = this.open(target.technician).map((one) => one.at);
      if (all.length === 0) return;
      const at = starts > 0 ? all.findIndex((start) => start > target.start) : all.findLastIndex((start) => start < target.start);
      if (at >= 0) this.#aim(target.technician, all[at]);
    }
    this.#show();
  }

  /** What the ghost says. */
  get words(): string {
    if (this.overTray) return t('board.drag.to_tray');
    const target = this.target;
    if (!target) return '';
    const name = this.plan.nameOf(target.technician);
    if (!target.fits) return target.reason.startsWith(name) ? target.reason : `${name}: ${target.reason}`;
    const parts = [`${name} ${time(target.start, this.plan.zone)}`, cost(target.travel)];
    if (target.overtime > 0) parts.push(t('board.overtime_of', { time: duration(target.overtime) }));
    return parts.join(' · ');
  }

  /** Lets it go where it is; what does not fit is for the dispatcher to decide. */
  async drop(ask: (target: Target, crew: string[]) => void): Promise<void> {
    const { found, target, overTray } = this;
    if (!found) return;
    const crew = target ? this.crewWith(target.technician) : [];
    this.cancel();
    if (overTray) {
      if (found.stop) await this.plan.unassign(found.id);
      return;
    }
    if (!target) return;
    const start = new Date(target.start).toISOString();
    if (found.stop?.start && Date.parse(found.stop.start) === target.start && crew.join() === found.stop.technician_ids.join()) return;
    if (target.fits) await this.plan.move(found.id, { start, technician_ids: crew });
    else ask(target, crew);
  }

  cancel(): void {
    this.#abort?.abort();
    this.#asked = null;
    this.#lay();
  }

  /** Nothing is in the air any more. */
  #lay(): void {
    this.found = null;
    this.from = null;
    this.fits = null;
    this.#open = new Map();
    this.target = null;
    this.overTray = false;
  }
}

export const movable = (status: string | null | undefined): boolean => status === 'planned' || status === 'unassigned' || !status;

/** Driving added, in words. */
export const cost = (seconds: number): string => {
  const minutes = Math.round(seconds / 60);
  return minutes === 0 ? t('board.no_detour') : t(minutes > 0 ? 'board.more_driving' : 'board.less_driving', { time: duration(Math.abs(seconds)) });
};
