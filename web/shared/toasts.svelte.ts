/** Short words about what just happened, with a way back where there is one. */
import { ApiProblem, Offline } from './api';
import { t } from './text';

export interface Toast {
  id: number;
  kind: 'good' | 'info' | 'bad';
  text: string;
  more?: string[];
  action?: { label: string; run: () => void };
}

let last = 0;
export const toasts = $state<Toast[]>([]);

export function dismiss(id: number): void {
  const at = toasts.findIndex((toast) => toast.id === id);
  if (at >= 0) toasts.splice(at, 1);
}

export function toast(text: string, options: Partial<Omit<Toast, 'id' | 'text'>> = {}): void {
  const id = ++last;
  toasts.push({ id, kind: 'info', text, ...options });
  if (toasts.length > 4) toasts.shift();
  // Bad news stays until it is read.
  if (options.kind !== 'bad') setTimeout(() => dismiss(id), options.action ? 9000 : 5000);
}

/** Says why something did not work, in the server's words. */
export function complain(error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return;
  if (error instanceof Offline) toast(t('common.offline'), { kind: 'bad' });
  else if (error instanceof ApiProblem) {
    if (error.status === 401) return;
    toast(sentence(error.message), { kind: 'bad', more: error.faults.map((fault) => `${fault.field}: ${fault.message}`) });
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
