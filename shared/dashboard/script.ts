/**
 * The dashboard's only script. Every page can be read without it; only writing to the API needs it. No inline handlers, no request to
 * another host.
 */
export const SCRIPT = `
(() => {
  'use strict';
  const say = (text) => { document.getElementById('announce').textContent = text; };
  const copy = async (button, text, source) => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      if (!source) return;
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection()?.removeAllRanges();
      getSelection()?.addRange(range);
      button.textContent = 'Selected: press Ctrl+C';
    }
    say(button.textContent);
  };
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const button = target?.closest('button[data-copy]');
    const source = button && document.getElementById(button.dataset.copy);
    if (source && button.dataset.ask && button.textContent !== button.dataset.ask) {
      button.textContent = button.dataset.ask;
      say(button.textContent + '?');
    } else if (source) copy(button, source.textContent ?? '', source);
    const link = target?.closest('button[data-copy-link]');
    if (link) copy(link, location.href);
    const finding = target?.closest('a[data-finding]');
    if (finding && innerWidth < 1800 && !event.ctrlKey && !event.metaKey && event.button === 0) {
      event.preventDefault();
      location.assign(finding.dataset.finding);
    }
  });
  document.addEventListener('focusout', ({ target }) => {
    if (target instanceof HTMLElement && target.dataset.ask) target.textContent = 'Copy …';
  });
  for (const time of document.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.title = at.toLocaleString() + ' (local), ' + time.dateTime;
  }

  const fieldsOf = (form) => Object.fromEntries([...new FormData(form).entries()].filter(([, value]) => value !== ''));
  const refusal = async (answer) => {
    const problem = await answer.json().catch(() => ({}));
    const wrong = (problem.errors ?? []).map((one) => one.field.replace(/^\\//, '') + ': ' + one.detail).join('; ');
    return (problem.detail ?? problem.title ?? 'Refused, status ' + answer.status) + (wrong ? ' ' + wrong : '');
  };
  const send = async (address, method, body, ifMatch) => {
    const headers = { 'content-type': 'application/json', ...(ifMatch ? { 'if-match': ifMatch } : {}) };
    const answer = await fetch(address, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    return answer.ok ? { follow: answer.headers.get('location') } : { problem: await refusal(answer) };
  };
  const attempt = async (status, work, done) => {
    status.textContent = 'Sending …';
    try {
      const { problem, follow } = await work();
      status.textContent = problem ?? '';
      if (problem === undefined) done(follow);
    } catch {
      status.textContent = 'The app did not answer. Try again.';
    }
  };
  for (const form of document.querySelectorAll('form[data-method]')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const { method, confirm: question, ifMatch, clusters } = form.dataset;
      if (question && !confirm(question)) return;
      const body = method === 'DELETE' ? undefined : clusters ? { clusters: [clusters] } : fieldsOf(form);
      const live = form.parentElement.querySelector('[data-live=""]');
      const done = (audit) => (live && audit ? followAudit(live, audit) : renew());
      attempt(form.querySelector('[role=status]'), () => send(form.action, method, body, ifMatch), done);
    });
  }
  const exempt = document.querySelector('form[data-exempt]');
  exempt?.addEventListener('submit', (event) => {
    event.preventDefault();
    const data = new FormData(exempt);
    const common = { category: data.get('category'), reason: data.get('reason'), approvedBy: data.get('approvedBy'), expiresOn: data.get('expiresOn') };
    const status = exempt.querySelector('[role=status]');
    attempt(status, async () => {
      for (const text of data.getAll('scope')) {
        const { id, ...scope } = JSON.parse(text);
        const name = id ?? 'given-' + Date.now().toString(36);
        const { problem } = await send(exempt.dataset.base + '/' + name, 'PUT', { ...scope, ...common });
        if (problem !== undefined) return { problem };
      }
      return {};
    }, () => { isHalfTyped = false; location.assign(exempt.dataset.next); });
  });
  const selection = document.querySelector('form.selection');
  selection?.addEventListener('change', () => {
    const chosen = selection.querySelectorAll('input[name=id]:checked').length;
    const button = selection.querySelector('[data-needs-selection]');
    if (button) button.disabled = chosen === 0;
    const said = selection.querySelector('[data-selected]');
    if (said) said.textContent = chosen === 0 ? '' : chosen + ' selected';
  });

  const trend = document.querySelector('[data-trend]');
  if (trend) {
    const days = [...trend.querySelectorAll('[data-day]')];
    const value = trend.querySelector('[data-trend-value]');
    let at = days.length - 1;
    const show = (to) => {
      days[at]?.classList.remove('on');
      at = Math.max(0, Math.min(days.length - 1, to));
      days[at]?.classList.add('on');
      value.textContent = days[at]?.dataset.day ?? '';
    };
    trend.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -days.length, End: days.length }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      show(at + step);
    });
    trend.addEventListener('pointermove', (event) => {
      const day = event.target instanceof Element ? days.indexOf(event.target.closest('[data-day]')) : -1;
      if (day >= 0) show(day);
    });
  }

  /** What is typed and not sent yet outlives sorting, reloading and going back; the answers are never stored by the browser itself. */
  const place = 'kataudit:' + location.pathname + '?' + new URLSearchParams(location.search).getAll('id');
  const fields = () => [...document.querySelectorAll('main :is(textarea,input[type=search],input[type=date],input:not([type]))')];
  const held = JSON.parse(sessionStorage.getItem(place) ?? 'null');
  sessionStorage.removeItem(place);
  let isHalfTyped = true;
  let keepsPlace = false;
  for (const [at, text] of Object.entries(held?.typed ?? {})) {
    const field = fields()[at];
    if (field) field.value = text;
  }
  if (held?.y !== undefined) {
    // The browser would go to the address's fragment once all is loaded: the reader's own place comes before it.
    history.replaceState(null, '', location.pathname + location.search);
    addEventListener('load', () => scrollTo({ top: held.y, behavior: 'instant' }));
  }
  addEventListener('pagehide', () => {
    const typed = Object.fromEntries(fields().flatMap((field, at) => (isHalfTyped && field.value !== field.defaultValue ? [[at, field.value]] : [])));
    if (keepsPlace || Object.keys(typed).length > 0) sessionStorage.setItem(place, JSON.stringify({ typed, y: keepsPlace ? scrollY : undefined }));
  });
  document.addEventListener('submit', ({ target, defaultPrevented }) => { if (!defaultPrevented && target.method === 'get') isHalfTyped = false; });
  document.addEventListener('click', ({ target }) => { if (target instanceof Element && target.closest('thead a')) keepsPlace = true; });
  /** Shows the page anew without losing the place. */
  const renew = () => {
    keepsPlace = true;
    // What it pushed down moves back up first, as it does on the page that comes.
    for (const one of document.querySelectorAll('[data-live]')) one.hidden = true;
    location.reload();
  };
  const followAudit = (live, address) => {
    const bar = live.querySelector('progress');
    const text = live.querySelector('[data-text]');
    live.hidden = false;
    const poll = async () => {
      try {
        const answer = await fetch(address, { headers: { accept: 'application/json' } });
        if (answer.ok) {
          const { state, planned, scanned } = (await answer.json()).outcome;
          bar.max = Math.max(1, planned);
          bar.value = scanned;
          text.textContent = planned === 0 ? 'listing the clusters' : scanned + ' of ' + planned + (planned === 1 ? ' cluster' : ' clusters') + ' scanned';
          if (state === 'complete') return renew();
          if (state !== 'running') {
            text.textContent = 'It timed out: some parts never reported.';
            return;
          }
        }
      } catch {
        text.textContent = 'no answer, trying again';
      }
      setTimeout(poll, 2000);
    };
    setTimeout(poll, 500);
  };
  const running = document.querySelector('[data-live]:not([data-live=""])');
  if (running) followAudit(running, running.dataset.live);
})();
`;
