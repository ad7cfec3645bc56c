/** The technician's days as the phone knows them: what the server said last, and what waits to be sent. */
import { ApiProblem, Offline, get, post, type Schemas } from '../shared/api';
import { dateOf, shifted } from '../shared/dates';
import { me as whoAmI, type Me } from '../shared/session';
import { t } from '../shared/text';
import { enqueue, forget, keep, queued, read, replace, type Waiting } from './kept';

export type Day = Schemas['TechnicianDay'];
export type Stop = Schemas['DayStop'];
export type Status = Schemas['VisitStatus'];
export type Step = 'en_route' | 'arrived' | 'started' | 'finished';

/** Days that are kept for when there is no network. */
const COUNT = 7;
const POLL_MS = 45_000;
/** Refusals that a later try may not get. */
const PASSING = new Set([401, 403, 408, 425, 429]);

/** Without what makes it a signal, for the phone's storage. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Whether a repetition would be refused again. */
const isFinal = ({ status, body }: ApiProblem): boolean =>
  status < 500 && !PASSING.has(status) && !String(body.type ?? '').includes('in-progress');

/** Why something was refused, for whoever did it: what is not theirs any more does not exist for them. */
const words = ({ status, message, faults }: ApiProblem): string =>
  status === 404 ? t('day.sync.gone')
    : faults.some((fault) => fault.field === 'photo') ? t('day.sync.photo')
      : [message, ...faults.map((fault) => fault.message)].join(' · ');

interface Kept { me: Me; days: Day[]; at: number }

export interface Effect { visit_id: string; expected_start: string; late_s: number }

class Days {
  me = $state.raw<Me | null>(null);
  list = $state.raw<Day[]>([]);
  /** When the server was last heard. */
  at = $state(0);
  online = $state(true);
  waiting = $state.raw<Waiting[]>([]);
  loading = $state(true);
  failed = $state(false);
  now = $state(Date.now());
  effects = $state.raw<Effect[]>([]);
  /** Sent, while the days are still those from before: buttons must not fall back meanwhile. */
  #sent = $state.raw<Waiting[]>([]);
  #sending: Promise<void> | null = null;

  get zone(): string { return this.list[0]?.time_zone ?? this.me?.organization?.time_zone ?? 'UTC'; }
  get today(): string { return dateOf(this.now, this.zone); }
  get refused(): Waiting[] { return this.waiting.filter((one) => one.refused); }
  /** What waits long enough to speak of; what is sent at once moves nothing on the page. */
  get stuck(): Waiting[] { return this.pending.filter((one) => !this.online || this.now - one.at > 3000); }
  get pending(): Waiting[] { return this.waiting.filter((one) => !one.refused); }

  day(date: string): Day | undefined { return this.list.find((day) => day.date === date); }

  /** Brings back what is kept: without a network nobody is sent to log in, but reads that. */
  async restore(): Promise<void> {
    const [kept, waiting] = await Promise.all([read<Kept>('days').catch(() => undefined), queued().catch(() => [])]);
    if (kept) this.#take(kept);
    this.waiting = waiting;
  }

  /** Shows what the server says, and goes on doing so. */
  async start(): Promise<void> {
    await this.refresh();
    setInterval(() => { this.now = Date.now(); }, 15_000);
    setInterval(() => { if (document.visibilityState === 'visible') void this.refresh(); }, POLL_MS);
    addEventListener('online', () => void this.refresh());
    addEventListener('offline', () => { this.online = false; });
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') void this.refresh(); });
  }

  #take(kept: Kept): void {
    this.me = kept.me;
    this.list = kept.days;
    this.at = kept.at;
    this.loading = false;
  }

  /** Sends what waits, then reads the days again. */
  async refresh(): Promise<void> {
    this.now = Date.now();
    try {
      const me = await whoAmI();
      this.me = me;
      await this.send();
      if (me.technician_id) {
        const from = dateOf(this.now, this.list[0]?.time_zone ?? me.organization?.time_zone ?? 'UTC');
        const path = { technician_id: me.technician_id };
        const told = this.#sent;
        const { days } = await get('/api/v1/technicians/{technician_id}/days', { path, query: { from, count: COUNT } });
        this.list = days;
        this.#sent = this.#sent.filter((one) => !told.includes(one));
        await this.#firstLooks(days);
      }
      this.at = Date.now();
      this.online = true;
      this.failed = false;
      await keep('days', plain({ me, days: this.list, at: this.at })).catch(() => undefined);
    } catch (error) {
      if (error instanceof Offline) this.online = false;
      else this.failed = true;
    } finally {
      this.loading = false;
    }
  }

  /** Days never looked at before have no news: what one sees first is how they are. */
  async #firstLooks(days: Day[]): Promise<void> {
    for (const day of days.slice(0, 2)) if (!day.seen) await this.acknowledge(day).catch(() => undefined);
  }

  /** Says that a day was seen as it is shown. */
  async acknowledge(day: Day): Promise<void> {
    const path = { technician_id: day.technician_id };
    const body = { date: day.date, plan_version: day.plan_version };
    const seen = await post('/api/v1/technicians/{technician_id}/day:acknowledge', { path, body });
    this.list = this.list.map((one) => (one.date === day.date ? seen : one));
  }

  /** Notes what somebody did and sends it as soon as there is a network. */
  async report(kind: Waiting['kind'], stop: Stop, body: Record<string, unknown>): Promise<void> {
    if (!stop.visit_id || !this.me?.member_id) return;
    const at = Date.now();
    // What waits for a network says when it was; what is sent once more says so already.
    const dated = { at: new Date(at).toISOString(), ...body };
    await enqueue({ member_id: this.me.member_id, key: crypto.randomUUID(), kind, visit_id: stop.visit_id, title: stop.title, body: dated, at });
    this.waiting = await queued();
    void this.refresh();
  }

  async dismiss(one: Waiting): Promise<void> {
    if (one.place !== undefined) await forget(one.place);
    this.waiting = await queued();
  }

  /** Sends what waits, in order, one sending at a time. */
  send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => { this.#sending = null; });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    // Asked anew each time: what was done meanwhile goes with the rest.
    const next = async () => (await queued()).find((one) => !one.refused && one.member_id === this.me?.member_id);
    for (let one = await next(); one; one = await next()) {
      try {
        await this.#sendOne(one);
        this.#sent = [...this.#sent, one];
        if (one.place !== undefined) await forget(one.place);
      } catch (error) {
        if (error instanceof ApiProblem && isFinal(error)) {
          // It would be refused again; whoever did it must hear of it.
          await replace({ ...one, refused: words(error) });
        } else {
          this.waiting = await queued();
          throw error;
        }
      }
      this.waiting = await queued();
    }
  }

  async #sendOne(one: Waiting): Promise<void> {
    const asked = { path: { visit_id: one.visit_id }, body: one.body as never, idempotencyKey: one.key };
    if (one.kind === 'progress') {
      const outcome = await post('/api/v1/visits/{visit_id}:progress', asked);
      this.effects = outcome.effects;
    } else if (one.kind === 'give-up') await post('/api/v1/visits/{visit_id}:give-up', asked);
    else await post('/api/v1/visits/{visit_id}/notes', asked);
  }

  /** How far a visit is, with what waits to be sent or was sent since the days were read. */
  status(stop: Stop): Status | 'given_up' {
    let status: Status | 'given_up' = stop.status ?? 'planned';
    for (const one of [...this.#sent, ...this.pending]) {
      if (one.visit_id !== stop.visit_id) continue;
      if (one.kind === 'give-up') status = 'given_up';
      if (one.kind === 'progress' && one.body.step !== 'needs_more') status = one.body.step as Status;
    }
    return status;
  }
}

export const days = new Days();

/** The dates of the week strip. */
export const weekFrom = (today: string): string[] => Array.from({ length: COUNT }, (_, at) => shifted(today, at));
