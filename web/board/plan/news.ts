/** What others changed, in words: from the events of the plan, and from what the days look like before and after. */
import { get } from '../../shared/api';
import { t, time, tn } from '../../shared/text';
import { stopsOf, type Day, type Plan } from './plan.svelte';

export interface PlanEvent { kind: string; subject_id: string; payload: { visit_id?: string; visit_ids?: string[] } | null; at: string }
export interface News { at: string; text: string; visit: string; more: string[] }

/** How a visit stands, as far as people speak of it. */
interface Standing { title: string; start: string | null; who: string[]; lock: string; status: string }

function standings(days: Day[]): Map<string, Standing> {
  const found = new Map<string, Standing>();
  for (const day of days) {
    for (const stop of day.technicians.flatMap(stopsOf)) {
      if (stop.visit_id) found.set(stop.visit_id, { title: stop.title, start: stop.start ?? null, who: [...stop.technician_ids].sort(), lock: stop.lock ?? 'none', status: stop.status ?? 'planned' });
    }
    for (const one of day.unassigned) found.set(one.id, { title: one.title, start: null, who: [], lock: one.lock ?? 'none', status: 'unassigned' });
  }
  return found;
}

/** What was done to one visit. */
function told(plan: Plan, who: string, old: Standing | undefined, now: Standing | undefined): string {
  const title = now?.title || old?.title || t('board.a_visit');
  if (!now) return t(old ? 'board.news.gone' : 'board.news.changed', { who, title });
  if (now.start && (old?.start !== now.start || old.who.join() !== now.who.join())) {
    return t(old?.start ? 'board.news.moved' : 'board.news.new', { who, title, names: now.who.map((id) => plan.nameOf(id)).join(', '), time: time(now.start, plan.zone) });
  }
  if (!old) return t('board.news.waits', { who, title });
  if (!now.start && old.start) return t('board.news.out', { who, title });
  if (old.lock !== now.lock) return t(now.lock === 'none' ? 'board.news.unlocked' : 'board.news.locked', { who, title });
  return t('board.news.changed', { who, title });
}

/** Who is no member, in words. */
function named(actor: string): string {
  const kind = actor.split(':')[0];
  if (kind === 'public') return t('board.actor.customer');
  if (kind === 'api_key') return t('board.actor.program');
  return kind === 'member' ? t('board.actor.colleague') : t('board.actor.system');
}

/** One sentence for each who changed something, but oneself. */
export async function newsOf(plan: Plan, events: PlanEvent[], before: Day[]): Promise<News[]> {
  const found = (await get('/api/v1/audit', { query: { limit: 100 } as never })) as { items: { noun_id: string; actor: string; actor_name?: string | null }[] };
  const [old, now] = [standings(before), standings(plan.days)];
  const by = new Map<string, { who: string; at: string; visits: Set<string> }>();
  for (const event of events) {
    const visits = event.payload?.visit_ids ?? [event.payload?.visit_id ?? event.subject_id];
    // An event of a booking is written down with its visit or with itself.
    const line = found.items.find((one) => one.noun_id === event.subject_id) ?? found.items.find((one) => visits.includes(one.noun_id));
    const actor = line?.actor ?? 'system';
    if (actor === `member:${plan.me.member_id}`) continue;
    const own = by.get(actor) ?? { who: line?.actor_name ?? named(actor), at: event.at, visits: new Set<string>() };
    // A proposal names all its visits, whether they were moved or not.
    for (const id of visits) if (!event.payload?.visit_ids || JSON.stringify(old.get(id)) !== JSON.stringify(now.get(id))) own.visits.add(id);
    by.set(actor, own);
  }
  return [...by.values()].flatMap(({ who, at, visits }) => {
    const known = [...visits].filter((id) => old.has(id) || now.has(id));
    if (known.length === 0) return [];
    const sentences = known.map((id) => told(plan, who, old.get(id), now.get(id)));
    if (known.length === 1) return [{ at, text: sentences[0], visit: known[0], more: [] }];
    return [{ at, text: tn('board.news.many', known.length, { who }), visit: known[0], more: sentences }];
  });
}
