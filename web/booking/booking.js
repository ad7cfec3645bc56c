/* What scripts add to pages that work without them: suggestions while typing, a running countdown,
   sums, questions that come and go, days without a new page, and news to a site that frames us. */
(() => {
  const root = document.documentElement;
  const body = document.body;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const on = (target, kind, act) => target.addEventListener(kind, act);
  root.classList.add('js');

  // News go to the one site that may frame us, as the server says, and to no other.
  const parent = body.dataset.parent;
  const tell = (message) => {
    if (parent && window.parent !== window) window.parent.postMessage({ roundsman: message }, parent);
  };
  if (parent) {
    tell({ kind: 'ready' });
    new ResizeObserver(() => tell({ kind: 'resize', height: Math.ceil(body.getBoundingClientRect().height) })).observe(body);
    on(document, 'keydown', (event) => event.key === 'Escape' && !event.defaultPrevented && tell({ kind: 'close' }));
    if (body.dataset.booked) tell({ kind: 'booked', code: body.dataset.booked });
  }

  const spell = (form, minutes) => {
    const parts = [];
    const put = (word, count) => count && parts.push(word.replace('#', count));
    put(form.dataset.hours, Math.floor(minutes / 60));
    put(form.dataset.minutes, minutes % 60);
    return parts.join(' ');
  };
  const sum = (form) => {
    const stays = all('[data-stay]:checked', form).map((box) => box.dataset.stay.split(' ').map(Number));
    const minutes = stays.length && Math.max(...stays.map((s) => s[0])) + stays.reduce((t, s) => t + s[1], 0) + Math.max(...stays.map((s) => s[2]));
    form.querySelector('output').textContent = minutes ? form.dataset.sum + ' ' + spell(form, minutes) : '';
  };

  const conditions = (form) => {
    for (const field of all('[data-if]', form)) {
      const name = 'q_' + field.dataset.if;
      const chosen = all('[name="' + name + '"]', form).filter((one) => !one.closest('[hidden]'));
      const values = chosen.filter((one) => !/radio|checkbox/.test(one.type) || one.checked).map((one) => one.value);
      field.hidden = !values.some((value) => field.dataset.is.split('|').includes(value));
      for (const one of all('input,select,textarea', field)) one.disabled = field.hidden;
    }
  };

  const countdown = (line) => {
    const ends = Date.parse(line.dataset.expires);
    const shown = line.querySelector('[role=timer]');
    const said = line.querySelector('[role=status]');
    const tick = () => {
      const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
      // What was typed goes along to the page that says so.
      if (!left) return document.getElementById('later').click();
      const time = Math.floor(left / 60) + ':' + String(left % 60).padStart(2, '0');
      shown.textContent = line.dataset.left.replace('#', time);
      if (left === 60) said.textContent = line.dataset.soon;
      setTimeout(tick, 1000);
    };
    if (ends > Date.now()) tick();
  };

  // A list of suggestions below the field, as ARIA's combobox.
  const suggest = (form) => {
    const input = form.querySelector('input');
    const list = form.querySelector('.found');
    let items = [];
    let at = -1;
    let asked = 0;
    let wait = 0;
    const set = (attributes) => {
      for (const name in attributes) input.setAttribute(name, attributes[name]);
    };
    const close = () => {
      list.replaceChildren();
      items = [];
      at = -1;
      set({ 'aria-expanded': 'false' });
      input.removeAttribute('aria-activedescendant');
    };
    const mark = (next) => {
      at = (next + items.length) % items.length;
      [...list.children].forEach((item, row) => item.setAttribute('aria-selected', row === at));
      set({ 'aria-activedescendant': 'f' + at });
    };
    const take = (row) => {
      const one = items[row];
      input.value = one.complete ? one.label : one.place.address.street + ' ';
      close();
      if (one.complete) return form.requestSubmit();
      input.focus();
      look();
    };
    const show = (found) => {
      items = found;
      at = -1;
      list.replaceChildren(...found.map((one, row) => {
        const item = document.createElement('li');
        item.textContent = one.label;
        item.id = 'f' + row;
        item.setAttribute('role', 'option');
        on(item, 'mousedown', (event) => {
          event.preventDefault();
          take(row);
        });
        return item;
      }));
      set({ 'aria-expanded': String(found.length > 0) });
    };
    const look = async () => {
      const text = input.value.trim();
      const mine = ++asked;
      if (text.length < 2) return close();
      const answer = await fetch(form.dataset.suggest + '?limit=7&q=' + encodeURIComponent(input.value)).catch(() => 0);
      if (answer.ok && mine === asked) show((await answer.json()).items);
    };
    set({ role: 'combobox', autocomplete: 'off', 'aria-autocomplete': 'list', 'aria-controls': 'found', 'aria-expanded': 'false' });
    on(input, 'input', () => {
      // Until then the list holds what the server found, as buttons.
      if (!list.classList.contains('list')) {
        list.replaceChildren();
        list.classList.add('list');
        list.setAttribute('role', 'listbox');
        list.setAttribute('aria-label', form.querySelector('label').textContent);
      }
      clearTimeout(wait);
      wait = setTimeout(look, 120);
    });
    on(input, 'keydown', (event) => {
      if (!items.length) return;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) mark(at < 0 && step < 0 ? items.length - 1 : at + step);
      else if (event.key === 'Enter' && at >= 0) take(at);
      else if (event.key === 'Escape') close();
      else return;
      event.preventDefault();
    });
    on(input, 'blur', () => list.classList.contains('list') && close());
  };

  // Days and filters change what is shown without a new page; without scripts they are links.
  let turn = 0;
  const swap = async (address, push) => {
    const main = document.getElementById('main');
    const mine = ++turn;
    main.setAttribute('aria-busy', 'true');
    const answer = await fetch(address).catch(() => 0);
    if (mine !== turn) return;
    if (!answer.ok) return location.assign(address);
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const label = document.activeElement && (document.activeElement.getAttribute('aria-label') || document.activeElement.value);
    main.replaceChildren(...page.getElementById('main').childNodes);
    main.removeAttribute('aria-busy');
    if (push) history.pushState(0, '', address);
    ready(main);
    const again = label && all('a[aria-label],input,select', main).find((one) => one.getAttribute('aria-label') === label || (one.value === label && one.checked));
    if (again) again.focus({ preventScroll: true });
  };

  const ready = (from) => {
    all('[data-sum]', from).forEach((form) => {
      on(form, 'change', () => sum(form));
      sum(form);
    });
    all('form:has([data-if])', from).forEach((form) => {
      on(form, 'change', () => conditions(form));
      conditions(form);
    });
    all('[data-expires]', from).forEach(countdown);
    all('[data-suggest]', from).forEach(suggest);
    all('a[data-swap]', from).forEach((link) => on(link, 'click', (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      event.preventDefault();
      swap(link.href.split('#')[0], true);
    }));
    all('form[data-auto]', from).forEach((form) => on(form, 'change', () => {
      swap(form.action + '?' + new URLSearchParams(new FormData(form)), true);
    }));
  };
  on(window, 'popstate', () => swap(location.href, false));
  // Nobody books twice by a second press.
  on(document, 'submit', (event) => {
    const button = event.submitter;
    if (event.target.dataset.sent) return event.preventDefault();
    event.target.dataset.sent = 1;
    if (button && button.matches('.button')) button.setAttribute('aria-busy', 'true');
    setTimeout(() => delete event.target.dataset.sent, 8000);
  });
  on(window, 'pageshow', () => all('[data-sent]').forEach((form) => delete form.dataset.sent));
  // What changes by itself is read again while somebody looks.
  if (body.dataset.refresh) setInterval(() => document.hidden || swap(location.href, false), body.dataset.refresh * 1000);
  ready(document);
})();
