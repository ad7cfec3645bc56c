/** The nouns that an organization sets up: how each is listed, edited and made. */
import { START } from './address';
import type { Field, Group, NounKey, Thing } from './fields';

export interface Noun {
  key: NounKey;
  /** Only for owners. */
  owners?: boolean;
  /** Fields beside the name that the list shows. */
  columns: string[];
  /** Fields of those columns that are called otherwise than elsewhere. */
  labels?: Record<string, string>;
  groups: Group[];
  /** A new one. */
  fresh: () => Thing;
  /** What people call one. */
  title: (thing: Thing) => string;
}

const named = (thing: Thing) => String(thing.name ?? '');
const name: Field = { name: 'name', kind: 'text', required: true };
const skill: Field = { name: 'skill_id', kind: 'one', of: 'skills', required: true };
const needs = (path: string): Field => ({ name: path, kind: 'list', fields: [skill, { name: 'level_min', kind: 'number', unit: 'level' }], fresh: () => ({ skill_id: '', level_min: 1 }) });
const spans = (path: string): Field => ({ name: path, kind: 'list', fields: [{ name: 'from', kind: 'date', required: true }, { name: 'until', kind: 'date', required: true }], fresh: () => ({ from: '', until: '' }) });
const office = { weekly: [{ days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'], from: '08:00', until: '16:00' }], overrides: [] };

/** Messages that have words; programs get data instead. */
export const MESSAGE_KINDS = ['confirmation', 'change', 'cancellation', 'reminder', 'running_late', 'waitlist_ready', 'visit_new', 'visit_changed', 'visit_cancelled', 'daily_schedule', 'new_booking'] as const;

export const NOUNS: Noun[] = [
  {
    key: 'locations', columns: ['time_zone', 'place'], title: named,
    fresh: () => ({ name: '', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone, place: { ...START, address: {} }, opening_hours: { weekly: [], overrides: [] }, closed: [] }),
    groups: [
      { title: 'about', fields: [name, { name: 'time_zone', kind: 'zone', required: true }, { name: 'place', kind: 'place', required: true }] },
      { title: 'opening', fields: [{ name: 'opening_hours', kind: 'hours' }, spans('closed')] },
      { title: 'replanning', fields: [
        { name: 'replanning.mode', kind: 'choice', of: ['off', 'suggest', 'apply'] },
        { name: 'replanning.late_min', kind: 'number', unit: 'min' },
        { name: 'replanning.visits_max', kind: 'number' },
      ] },
    ],
  },
  {
    key: 'technicians', columns: ['location_id', 'skills', 'zones', 'active'], title: named,
    fresh: () => ({ name: '', location_id: '', active: true, skills: [], zones: [], breaks: [], carries: [], start: 'home', end: 'home', home: null, working_hours: office, limits: {}, round_robin_weight: 100, priority: 0 }),
    groups: [
      { title: 'about', fields: [name, { name: 'location_id', kind: 'one', of: 'locations', required: true }, { name: 'active', kind: 'flag' }, { name: 'joined', kind: 'date', optional: true }] },
      { title: 'hours', fields: [
        { name: 'working_hours', kind: 'hours' },
        { name: 'time_zone', kind: 'zone', optional: true },
        { name: 'breaks', kind: 'list', fields: [{ name: 'earliest', kind: 'clock', required: true }, { name: 'latest', kind: 'clock', required: true }, { name: 'duration_min', kind: 'number', unit: 'min' }], fresh: () => ({ earliest: '11:30', latest: '13:00', duration_min: 30 }) },
      ] },
      { title: 'can', fields: [
        { name: 'skills', kind: 'list', fields: [skill, { name: 'level', kind: 'number', unit: 'level' }, { name: 'valid_from', kind: 'date', optional: true }, { name: 'valid_until', kind: 'date', optional: true }], fresh: () => ({ skill_id: '', level: 1, valid_from: null, valid_until: null }) },
        { name: 'zones', kind: 'list', fields: [{ name: 'zone_id', kind: 'one', of: 'zones', required: true }, { name: 'level', label: 'zone_level', kind: 'choice', of: ['primary', 'secondary'] }], fresh: () => ({ zone_id: '', level: 'primary' }) },
        { name: 'carries', kind: 'many', of: 'equipment' },
      ] },
      { title: 'travel', fields: [
        { name: 'home', kind: 'place', optional: true },
        { name: 'start', kind: 'choice', of: ['home', 'depot', 'anywhere'] },
        { name: 'end', label: 'day_end', kind: 'choice', of: ['home', 'depot', 'anywhere'] },
        { name: 'limits.drive_per_leg_min', kind: 'number', unit: 'min', optional: true },
        { name: 'limits.drive_per_day_min', kind: 'number', unit: 'min', optional: true },
      ] },
      { title: 'share', fields: [
        { name: 'round_robin_weight', kind: 'number' },
        { name: 'priority', kind: 'number' },
        { name: 'limits.overtime_min', kind: 'number', unit: 'min' },
        { name: 'limits.visits_per_day', kind: 'number', optional: true },
        { name: 'limits.visits_per_week', kind: 'number', optional: true },
        { name: 'limits.minutes_per_day', kind: 'number', unit: 'min', optional: true },
        { name: 'limits.minutes_per_week', kind: 'number', unit: 'min', optional: true },
      ] },
    ],
  },
  {
    key: 'absences', columns: ['technician_id', 'start', 'end', 'kind'], labels: { start: 'from', end: 'until', kind: 'absence_kind' }, title: (thing) => String(thing.note ?? '') || String(thing.kind ?? ''),
    fresh: () => ({ technician_id: '', start: '', end: '', kind: 'time_off', note: '' }),
    groups: [{ title: 'about', fields: [
      { name: 'technician_id', kind: 'one', of: 'technicians', required: true, when: (thing) => !thing.equipment_id },
      { name: 'equipment_id', kind: 'one', of: 'equipment', required: true, when: (thing) => Boolean(thing.equipment_id) },
      { name: 'location_id', kind: 'one', of: 'locations', required: true, when: (thing) => Boolean(thing.equipment_id) },
      { name: 'units', kind: 'number', when: (thing) => Boolean(thing.equipment_id) },
      // Equipment is in maintenance; what a connected calendar says is only shown.
      { name: 'kind', label: 'absence_kind', kind: 'choice', of: ['time_off', 'sick', 'internal'], when: (thing) => !thing.equipment_id && thing.kind !== 'calendar' },
      { name: 'kind', label: 'absence_kind', kind: 'choice', of: ['maintenance'], when: (thing) => Boolean(thing.equipment_id) },
      { name: 'kind', label: 'absence_kind', kind: 'choice', of: ['calendar'], when: (thing) => !thing.equipment_id && thing.kind === 'calendar' },
      { name: 'start', label: 'from', kind: 'moment', required: true },
      { name: 'end', label: 'until', kind: 'moment', required: true },
      { name: 'note', kind: 'words' },
    ] }],
  },
  { key: 'teams', columns: ['technician_ids'], title: named, fresh: () => ({ name: '', technician_ids: [] }),
    groups: [{ title: 'about', fields: [name, { name: 'technician_ids', kind: 'many', of: 'technicians' }] }] },
  { key: 'skills', columns: [], title: named, fresh: () => ({ name: '' }), groups: [{ title: 'about', fields: [name] }] },
  { key: 'zones', columns: ['shape'], title: named, fresh: () => ({ name: '', shape: { kind: 'polygon', geometry: { type: 'Polygon', coordinates: [] } } }),
    groups: [{ title: 'about', fields: [name, { name: 'shape', kind: 'shape', required: true }] }] },
  {
    key: 'equipment', columns: ['pools'], title: named, fresh: () => ({ name: '', pools: [], travels: false }),
    groups: [{ title: 'about', fields: [name,
      { name: 'pools', kind: 'list', fields: [{ name: 'location_id', kind: 'one', of: 'locations', required: true }, { name: 'units', kind: 'number' }], fresh: () => ({ location_id: '', units: 1 }) },
      { name: 'travels', kind: 'flag' }] }],
  },
  {
    key: 'services', columns: ['duration_min', 'public', 'active'], title: named,
    fresh: () => ({ name: '', description: '', duration_min: 60, setup_min: 0, exit_min: 0, public: true, active: true, customer_may_choose: false, skills: [], equipment: [], location_ids: [], team_ids: [], crew: { size: 1, mode: 'together', roles: [] }, policy: { kind: 'least_travel' }, slots: { step_min: 30, offset_min: 0, arrival_window_min: 0, notice_min: 120, horizon: { days: 60, count: 'calendar' }, grid: 'day', blackouts: [] }, travel: null, questions: [] }),
    groups: [
      { title: 'about', fields: [name, { name: 'description', kind: 'words' }, { name: 'public', kind: 'flag' }, { name: 'active', label: 'bookable', kind: 'flag' }] },
      { title: 'time', fields: [
        { name: 'duration_min', kind: 'number', unit: 'min', required: true },
        { name: 'setup_min', kind: 'number', unit: 'min' },
        { name: 'exit_min', kind: 'number', unit: 'min' },
        { name: 'travel', kind: 'travel', optional: true },
      ] },
      { title: 'who', fields: [
        needs('skills'),
        { name: 'crew.size', kind: 'number' },
        { name: 'crew.mode', kind: 'choice', of: ['together', 'split'], when: (thing) => Number((thing.crew as Thing | undefined)?.size ?? 1) > 1 },
        { name: 'crew.roles', kind: 'list', fields: [name, needs('skills')], fresh: () => ({ name: '', skills: [] }), when: (thing) => Number((thing.crew as Thing | undefined)?.size ?? 1) > 1 },
        { name: 'equipment', kind: 'list', fields: [{ name: 'equipment_id', kind: 'one', of: 'equipment', required: true }, { name: 'units', kind: 'number' }], fresh: () => ({ equipment_id: '', units: 1 }) },
        { name: 'location_ids', kind: 'many', of: 'locations' },
        { name: 'team_ids', kind: 'many', of: 'teams' },
        { name: 'policy.kind', kind: 'choice', of: ['round_robin', 'least_recent', 'least_travel', 'most_free', 'blend'] },
        { name: 'policy.tiers', kind: 'flag' },
        { name: 'customer_may_choose', kind: 'flag' },
      ] },
      { title: 'slots', fields: [
        { name: 'slots.step_min', kind: 'number', unit: 'min' },
        { name: 'slots.offset_min', kind: 'number', unit: 'min' },
        { name: 'slots.grid', kind: 'choice', of: ['day', 'free_span'] },
        { name: 'slots.arrival_window_min', kind: 'number', unit: 'min' },
        { name: 'slots.notice_min', kind: 'number', unit: 'min' },
        { name: 'slots.horizon.days', kind: 'number' },
        { name: 'slots.horizon.count', kind: 'choice', of: ['calendar', 'business', 'bookable'] },
        { name: 'slots.visits_per_day', kind: 'number', optional: true },
        spans('slots.blackouts'),
      ] },
      { title: 'questions', fields: [{ name: 'questions', kind: 'questions' }] },
    ],
  },
  { key: 'packages', columns: ['service_ids', 'public'], title: named, fresh: () => ({ name: '', description: '', service_ids: [], public: true }),
    groups: [{ title: 'about', fields: [name, { name: 'description', kind: 'words' }, { name: 'service_ids', kind: 'many', of: 'services', ordered: true }, { name: 'public', kind: 'flag' }] }] },
  { key: 'customers', columns: ['email', 'phone'], title: named, fresh: () => ({ name: '', email: null, phone: null, locale: null, time_zone: null, external_ref: null, note: '' }),
    groups: [{ title: 'about', fields: [name, { name: 'email', kind: 'email', optional: true }, { name: 'phone', kind: 'phone', optional: true }, { name: 'locale', kind: 'locale', optional: true }, { name: 'time_zone', kind: 'zone', optional: true }, { name: 'external_ref', kind: 'text', optional: true }, { name: 'note', kind: 'words' }] }] },
  { key: 'sites', columns: ['customer_id', 'place'], title: (thing) => named(thing) || String(((thing.place as Thing)?.address as Thing)?.street ?? ''),
    fresh: () => ({ customer_id: '', name: '', place: { ...START, address: {} }, access_note: '' }),
    groups: [{ title: 'about', fields: [{ name: 'customer_id', kind: 'one', of: 'customers', required: true }, { name: 'name', kind: 'text' }, { name: 'place', kind: 'place', required: true }, { name: 'access_note', kind: 'words' }] }] },
  {
    key: 'members', owners: true, columns: ['email', 'role', 'active'], title: named, fresh: () => ({ name: '', email: '', role: 'dispatcher', technician_id: null, active: true, locale: null, password: '' }),
    groups: [{ title: 'about', fields: [name, { name: 'email', kind: 'email', required: true }, { name: 'role', kind: 'choice', of: ['owner', 'dispatcher', 'technician'] },
      { name: 'technician_id', kind: 'one', of: 'technicians', optional: true, when: (thing) => thing.role === 'technician' },
      { name: 'password', kind: 'password', when: (thing) => !thing.id },
      { name: 'locale', kind: 'locale', optional: true }, { name: 'active', label: 'may_log_in', kind: 'flag' }] }],
  },
  {
    key: 'message-templates', labels: { kind: 'message_kind' }, columns: ['kind', 'channel', 'locale', 'service_id', 'active'], title: named,
    fresh: () => ({ name: '', kind: 'confirmation', channel: 'email', locale: 'en', service_id: null, subject: '', text: '', html: '', whatsapp_template: '', parameters: [], active: true }),
    groups: [
      { title: 'about', fields: [name,
        { name: 'kind', label: 'message_kind', kind: 'choice', of: MESSAGE_KINDS },
        { name: 'channel', kind: 'choice', of: ['email', 'sms', 'whatsapp', 'slack', 'push'] },
        { name: 'locale', kind: 'choice', of: ['en', 'es', 'is'] },
        { name: 'service_id', label: 'only_service', kind: 'one', of: 'services', optional: true },
        { name: 'active', kind: 'flag' }] },
      { title: 'words', fields: [
        { name: 'subject', kind: 'text', when: (thing) => thing.channel === 'email' || thing.channel === 'push' },
        { name: 'text', label: 'words', kind: 'words' },
        { name: 'html', kind: 'words', when: (thing) => thing.channel === 'email' },
        { name: 'whatsapp_template', kind: 'text', when: (thing) => thing.channel === 'whatsapp' },
        { name: 'parameters', kind: 'lines', when: (thing) => thing.channel === 'whatsapp' }] },
    ],
  },
  {
    key: 'webhooks', owners: true, columns: ['url', 'active'], title: named, fresh: () => ({ name: '', url: '', kinds: [], active: true }),
    groups: [{ title: 'about', fields: [name, { name: 'url', kind: 'text', required: true }, { name: 'kinds', label: 'event_kinds', kind: 'lines' }, { name: 'active', kind: 'flag' }] }],
  },
];

export const nounOf = (key: string): Noun | undefined => NOUNS.find((noun) => noun.key === key);
