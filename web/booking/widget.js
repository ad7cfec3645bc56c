/* Roundsman's booking page on another site: <roundsman-booking organization="..">.
   Attributes: mode (inline, popup, redirect), theme, accent (#rrggbb), lang, service, package, address, name, email,
   phone, source, label. Events: roundsman-ready, roundsman-resize, roundsman-booked. */
(() => {
  const base = new URL(document.currentScript.src).origin;
  class Booking extends HTMLElement {
    connectedCallback() {
      if (this.u) return;
      const get = (name) => this.getAttribute(name);
      const query = new URLSearchParams();
      for (const [name, value] of new URLSearchParams(location.search)) if (name.startsWith('utm_')) query.append(name, value);
      for (const name of ['theme', 'accent', 'lang', 'service', 'package', 'address', 'name', 'email', 'phone']) if (get(name)) query.set(name, get(name));
      query.set('source', get('source') || location.hostname);
      const mode = get('mode');
      if (mode !== 'redirect') query.set('parent', location.origin);
      this.u = base + '/book/' + encodeURIComponent(get('organization')) + '?' + query;
      if (!mode || mode === 'inline') return this.show(this);
      const button = this.appendChild(document.createElement('button'));
      button.type = 'button';
      button.textContent = get('label') || 'Book';
      button.onclick = () => {
        if (mode === 'redirect') return location.assign(this.u);
        const dialog = this.appendChild(document.createElement('dialog'));
        // What closes it stays where it is while the page below scrolls.
        dialog.style.cssText = 'display:flex;flex-direction:column;width:min(48rem,100%);max-height:95vh;padding:0;border:0;border-radius:12px;overflow:hidden;color-scheme:' + (get('theme') || 'light dark');
        dialog.setAttribute('aria-label', button.textContent);
        const close = dialog.appendChild(document.createElement('button'));
        close.textContent = '×';
        close.setAttribute('aria-label', get('close') || 'Close');
        close.style.cssText = 'flex:none;align-self:end;width:44px;height:44px;font-size:24px;border:0;background:none;color:inherit;cursor:pointer';
        close.onclick = () => dialog.close();
        dialog.onclose = () => dialog.remove();
        const rest = dialog.appendChild(document.createElement('div'));
        rest.style.overflow = 'auto';
        this.show(rest);
        dialog.showModal();
      };
    }
    show(into) {
      const frame = document.createElement('iframe');
      frame.src = this.u;
      frame.title = this.getAttribute('label') || 'Booking';
      frame.style.cssText = 'display:block;width:100%;height:40rem;border:0;color-scheme:normal';
      let pages = 0;
      const hear = (event) => {
        const news = event.data && event.data.roundsman;
        if (!frame.isConnected) return removeEventListener('message', hear);
        if (event.origin !== base || event.source !== frame.contentWindow || !news) return;
        // Escape inside the frame is heard by the frame alone.
        if (news.kind === 'close') return frame.closest('dialog')?.close();
        // A new page is read from its top.
        if (news.kind === 'ready' && pages++) {
          into.scrollTop = 0;
          if (frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
        }
        if (news.kind === 'resize') frame.style.height = news.height + 'px';
        this.dispatchEvent(new CustomEvent('roundsman-' + news.kind, { bubbles: true, detail: news }));
      };
      into.append(frame);
      addEventListener('message', hear);
    }
  }
  customElements.define('roundsman-booking', Booking);
})();
