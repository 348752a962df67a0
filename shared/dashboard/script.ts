/**
 * The dashboard's one script: it only improves pages that work without it, but for writing to the API.
 * No inline handlers, no request to another host.
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
    return answer.ok ? undefined : refusal(answer);
  };
  const attempt = async (status, work, done) => {
    status.textContent = 'Sending …';
    try {
      const problem = await work();
      if (problem === undefined) return done();
      status.textContent = problem;
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
      attempt(form.querySelector('[role=status]'), () => send(form.action, method, body, ifMatch), () => location.reload());
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
        const problem = await send(exempt.dataset.base + '/' + name, 'PUT', { ...scope, ...common });
        if (problem !== undefined) return problem;
      }
    }, () => location.assign(exempt.dataset.next));
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

  const place = 'kataudit:' + location.pathname;
  const held = JSON.parse(sessionStorage.getItem(place) ?? 'null');
  if (held) {
    sessionStorage.removeItem(place);
    for (const [name, text] of Object.entries(held.typed)) {
      const field = document.querySelector('input[type=search][name="' + CSS.escape(name) + '"]');
      if (field) field.value = text;
    }
    scrollTo(0, held.y);
  }
  /** Shows the page anew without losing what was typed and where the reader was. */
  const renew = () => {
    const typed = Object.fromEntries([...document.querySelectorAll('input[type=search]')].map((field) => [field.name, field.value]));
    sessionStorage.setItem(place, JSON.stringify({ y: scrollY, typed }));
    location.reload();
  };
  const live = document.querySelector('[data-live]');
  if (live) {
    const text = live.querySelector('[data-text]');
    const poll = async () => {
      try {
        const answer = await fetch(live.dataset.live, { headers: { accept: 'application/json' } });
        if (answer.ok) {
          const { outcome } = await answer.json();
          const { state, planned, scanned } = outcome;
          live.querySelector('progress').max = Math.max(1, planned);
          live.querySelector('progress').value = scanned;
          text.textContent = planned === 0 ? 'listing the clusters' : scanned + ' of ' + planned + ' clusters scanned';
          if (state === 'complete') return renew();
          if (state !== 'running') {
            text.textContent = 'Its time is up, and part of it never reported.';
            return;
          }
        }
      } catch {
        text.textContent = 'no answer, trying again';
      }
      setTimeout(poll, 2000);
    };
    setTimeout(poll, 1000);
  }
})();
`;
