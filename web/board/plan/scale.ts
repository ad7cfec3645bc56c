/** Where an instant stands on the timeline: one stretch of a day, or several days side by side. */
import { HOUR, offset, startOf } from '../../shared/dates';
import type { Day } from './plan.svelte';

export interface Stretch { date: string; from: number; until: number; x: number; width: number }
export interface Tick { x: number; at: number; hour: number; major: boolean }

export class Scale {
  readonly width: number;

  constructor(readonly stretches: Stretch[], readonly zone: string, readonly perHour: number) {
    const last = stretches.at(-1);
    this.width = last ? last.x + last.width : 0;
  }

  /** Days side by side, each from `hours[0]` to `hours[1]` of its civil day. */
  static days(dates: string[], zone: string, hours: [number, number], perHour: number, gap = 0): Scale {
    let x = 0;
    const stretches = dates.map((date) => {
      const from = startOf(date, zone, hours[0] * 60);
      const until = startOf(date, zone, hours[1] * 60);
      const width = ((until - from) / HOUR) * perHour;
      const stretch = { date, from, until, x, width };
      x += width + gap;
      return stretch;
    });
    return new Scale(stretches, zone, perHour);
  }

  /** Pixels from the left; what lies between two stretches stands at their border. */
  x(at: number): number {
    for (const stretch of this.stretches) {
      if (at < stretch.from) return stretch.x;
      if (at <= stretch.until) return stretch.x + ((at - stretch.from) / HOUR) * this.perHour;
    }
    return this.width;
  }

  at(x: number): number {
    const stretch = this.stretches.find((one) => x <= one.x + one.width) ?? this.stretches.at(-1)!;
    return stretch.from + (Math.min(Math.max(x - stretch.x, 0), stretch.width) / this.perHour) * HOUR;
  }

  /** Whether any part of a span can be seen at all. */
  shows(from: number, until: number): boolean {
    return this.stretches.some((one) => from < one.until && until > one.from);
  }

  /** Lines at full hours, or at half ones where there is room, in civil time of the zone. */
  ticks(): Tick[] {
    const step = this.perHour >= 150 ? HOUR / 2 : this.perHour >= 44 ? HOUR : this.perHour >= 22 ? 2 * HOUR : 4 * HOUR;
    const found: Tick[] = [];
    for (const stretch of this.stretches) {
      const shift = offset(stretch.from, this.zone);
      for (let at = Math.ceil((stretch.from + shift) / step) * step - shift; at <= stretch.until; at += step) {
        const civil = ((at + shift) / HOUR) % 24;
        found.push({ x: this.x(at), at, hour: civil, major: civil % 1 === 0 });
      }
    }
    return found;
  }
}

/** The hours of the civil day that a board must show so that nothing is outside. */
export function hoursOf(days: Day[], least: [number, number]): [number, number] {
  let [first, last] = least;
  for (const day of days) {
    const [midnight, end] = [Date.parse(day.from), Date.parse(day.until)];
    let [from, until] = [midnight + first * HOUR, midnight + last * HOUR];
    const span = (start: number, end: number) => {
      if (start < midnight || start >= midnight + 24 * HOUR) return;
      from = Math.min(from, start);
      until = Math.max(until, end);
    };
    for (const person of day.technicians) {
      for (const shift of person.shifts) span(Date.parse(shift.start) - HOUR / 2, Math.max(Date.parse(shift.end), shift.arrival ? Date.parse(shift.arrival) : 0));
      for (const stop of person.outside) if (stop.start && stop.end) span(Date.parse(stop.start), Date.parse(stop.end));
    }
    // Where clocks change, an hour more on either side.
    const slack = end - midnight === 24 * HOUR ? 0 : 1;
    first = Math.floor((from - midnight) / HOUR) - slack;
    last = Math.ceil((until - midnight) / HOUR) + slack;
  }
  return [Math.max(0, first), Math.min(36, Math.max(last, first + 4))];
}
