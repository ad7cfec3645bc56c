/** Where one is: the path and the query of the address, which hold all state worth keeping. */

class Place {
  path = $state(location.pathname);
  query = $state(new URLSearchParams(location.search));

  constructor() {
    addEventListener('popstate', () => this.#read());
    addEventListener('click', (event) => this.#follow(event));
  }

  /** Goes to a page of the same application. */
  go(to: string, { replace = false } = {}): void {
    if (replace) history.replaceState(null, '', to);
    else history.pushState(null, '', to);
    this.#read();
  }

  /** Changes some values of the query; empty ones go away. */
  set(values: Record<string, string | null | undefined>, { replace = true } = {}): void {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(values)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    const text = query.toString();
    if (text === this.query.toString()) return;
    this.go(text ? `${this.path}?${text}` : this.path, { replace });
  }

  /** The parameters of a pattern such as `/board/technicians/:id`, or null if this is another page. */
  match(pattern: string): Record<string, string> | null {
    const wanted = pattern.split('/');
    const found = this.path.replace(/\/$/, '').split('/');
    if (wanted.length !== found.length) return null;
    const parameters: Record<string, string> = {};
    for (const [at, part] of wanted.entries()) {
      if (part.startsWith(':')) parameters[part.slice(1)] = decodeURIComponent(found[at]);
      else if (part !== found[at]) return null;
    }
    return parameters;
  }

  #read(): void {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }

  /** Plain links inside the application need no reload. */
  #follow(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element).closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    const application = location.pathname.split('/')[1];
    if (link.pathname.split('/')[1] !== application) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

export const place = new Place();
