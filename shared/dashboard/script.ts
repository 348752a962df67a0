/**
 * The dashboard's one script: it only improves pages that work without it. No inline handlers, no
 * request to another host.
 */
export const SCRIPT = `
(() => {
  'use strict';
  document.addEventListener('click', async (event) => {
    const button = event.target instanceof Element ? event.target.closest('button[data-copy]') : null;
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    try {
      await navigator.clipboard.writeText(source.textContent ?? '');
      button.textContent = 'Copied';
    } catch {
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection()?.removeAllRanges();
      getSelection()?.addRange(range);
      button.textContent = 'Selected: press Ctrl+C';
    }
    document.getElementById('announce').textContent = button.textContent;
  });
  document.addEventListener('change', (event) => {
    const field = event.target;
    if (field instanceof HTMLSelectElement && field.form?.matches('form.filters')) field.form.requestSubmit();
  });
  for (const time of document.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.title = at.toLocaleString() + ' (local), ' + time.dateTime;
  }
  for (const form of document.querySelectorAll('form[data-method]')) {
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const status = form.querySelector('[role=status]');
      const fields = Object.fromEntries(new FormData(form).entries());
      if (fields.expiresOn && String(fields.expiresOn).length === 10) fields.expiresOn += 'T00:00:00.000Z';
      status.textContent = 'Sending …';
      try {
        const answer = await fetch(form.action, {
          method: form.dataset.method,
          headers: { 'content-type': 'application/json' },
          body: form.dataset.method === 'DELETE' ? undefined : JSON.stringify(fields),
        });
        if (answer.ok) return location.reload();
        const problem = await answer.json().catch(() => ({}));
        const wrong = (problem.errors ?? []).map((one) => one.field + ': ' + one.message).join('; ');
        status.textContent = (problem.detail ?? problem.title ?? 'Refused, status ' + answer.status) + (wrong ? ' (' + wrong + ')' : '');
      } catch {
        status.textContent = 'The app did not answer. Try again.';
      }
    });
  }
  const live = document.querySelector('[data-live]');
  if (live) {
    const poll = async () => {
      try {
        const answer = await fetch(live.dataset.live, { headers: { accept: 'application/json' } });
        if (answer.ok) {
          const { clusters, outcome } = await answer.json();
          const planned = clusters?.length ?? 0;
          const done = (clusters ?? []).filter((one) => one.state !== 'planned').length;
          live.querySelector('progress').max = Math.max(1, planned);
          live.querySelector('progress').value = done;
          live.querySelector('[data-text]').textContent = done + ' of ' + planned + ' clusters scanned';
          if (outcome?.state !== 'running') return location.reload();
        }
      } catch {
        live.querySelector('[data-text]').textContent = 'no answer, trying again';
      }
      setTimeout(poll, 2000);
    };
    setTimeout(poll, 1000);
  }
})();
`;
