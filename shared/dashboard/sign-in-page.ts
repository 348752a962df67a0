import { html } from './html.ts';
import type { Page } from './layout.ts';

/** The options of the sign-in page. */
export interface SignIn {
  /** The address to which the form is sent. */
  readonly action: string;
  /** The page that was requested. */
  readonly next: string;
  /** Why the caller's credential was rejected; absent if none was sent. */
  readonly problem?: string;
  readonly takesKeys: boolean;
  readonly takesSignIn: boolean;
}

/** Asks for a key, for a sign-in with Entra ID, or for either. */
export function signInPage({ action, next, problem, takesKeys, takesSignIn }: SignIn): Page {
  const login = `/.auth/login/aad?${new URLSearchParams({ post_login_redirect_uri: next })}`;
  const form = html`<form method="post" action="${action}"><input type="hidden" name="next" value="${next}">
<label>Key <input type="password" name="key" required autocomplete="current-password" spellcheck="false"></label>
<button type="submit">Open the dashboard</button>
<p class="mute">The browser keeps a session of eight hours, not the key.</p></form>`;
  return {
    title: 'Sign in',
    current: undefined,
    content: html`<h1>Sign in</h1>${problem === undefined ? '' : html`<p class="lede" role="alert">${problem}</p>`}
${takesSignIn ? html`<p><a href="${login}">Sign in with Entra ID</a></p>` : ''}${takesKeys ? form : ''}`,
  };
}
