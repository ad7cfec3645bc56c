/** Short words about what just happened, with a way back where there is one. */
import { ApiProblem, Offline, type Fault } from './api';
import { number, t, tor } from './text';

export interface Toast {
  id: number;
  kind: 'good' | 'info' | 'bad';
  text: string;
  more?: string[];
  action?: { label: string; run: () => void };
}

let last = 0;
class Toasts {
  list = $state.raw<Toast[]>([]);
}
export const toasts = new Toasts();

export function dismiss(id: number): void {
  toasts.list = toasts.list.filter((toast) => toast.id !== id);
}

export function toast(text: string, options: Partial<Omit<Toast, 'id' | 'text'>> = {}): void {
  const id = ++last;
  toasts.list = [...toasts.list, { id, kind: 'info' as const, text, ...options }].slice(-4);
  // Bad news stays until it is read.
  if (options.kind !== 'bad') setTimeout(() => dismiss(id), options.action ? 9000 : 5000);
}

/** Says why something did not work, in the server's words. */
export function complain(error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return;
  if (error instanceof Offline) toast(t('common.offline'), { kind: 'bad' });
  else if (error instanceof ApiProblem) {
    if (error.status === 401) return;
    const { faults } = error;
    toast(faults.length > 0 ? tor('setup.faults', sentence(error.message)) : sentence(error.message), { kind: 'bad', more: faults.map((fault) => `${fault.field}: ${said(fault)}`) });
  } else {
    console.error(error);
    toast(t('common.failed'), { kind: 'bad' });
  }
}

/** Words of the server as a sentence. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed ? trimmed[0].toUpperCase() + trimmed.slice(1) : trimmed;
}

/** What is wrong, in the reader's words for common rules and otherwise in the server's. */
export function said({ rule, numbers = [], message }: Fault): string {
  const [a, b] = numbers.map((one) => number(one));
  return rule ? tor(`setup.fault.${rule}` as never, sentence(message), { a, b }) : sentence(message);
}

/** What the server says about somebody, with the name where the words do not have it. */
export const about = (name: string, text: string): string => (text.includes(name) ? sentence(text) : `${name}: ${text}`);
