// The connection of a page with `deepbook learn`: its state as it changes, and what the page asks of it.

import { phrase } from "./phrase.mjs";

const AGAIN_MS = 3000;
const NO_ANSWER = phrase("`deepbook learn` does not answer. Is it still running in its terminal?");

/** What could not be done because `deepbook learn` does not answer: true only until it does again. */
export class NoAnswer extends Error {
  constructor(message = NO_ANSWER) {
    super(message);
    this.away = true;
  }
}

export class Link {
  constructor(token) {
    Object.assign(this, { token, state: null, answers: true, listeners: [], stream: null, timer: 0, tries: 0 });
  }

  /** `listener()` is called after each change of `state` or `answers`. */
  listen(listener) {
    this.listeners.push(listener);
  }

  /** A browser allows six streams at most to one address, so a tab that nobody sees has none. */
  start() {
    document.addEventListener("visibilitychange", () => this.open());
    addEventListener("pagehide", () => this.close());
    addEventListener("pageshow", ({ persisted }) => persisted && this.open());
    this.open();
  }

  open() {
    this.close();
    if (document.hidden) return;
    const stream = (this.stream = new EventSource(`/_live/state?token=${encodeURIComponent(this.token)}`));
    stream.onmessage = ({ data }) => {
      this.tries = 0;
      this.tell({ state: JSON.parse(data), answers: true });
    };
    stream.onerror = () => {
      this.tell({ answers: false });
      if (stream.readyState === EventSource.CLOSED) this.later(); // else the browser tries again by itself
    };
  }

  close() {
    clearTimeout(this.timer);
    this.stream?.close();
    this.stream = null;
  }

  tell(news) {
    Object.assign(this, news);
    for (const each of this.listeners) each();
  }

  /** The stream was refused: most likely `deepbook learn` was started again, and its pages hold another token. */
  later() {
    clearTimeout(this.timer);
    if (document.hidden) return;
    this.timer = setTimeout(async () => ((await this.renew()) ? this.open() : this.later()), this.tries++ ? AGAIN_MS : 100);
  }

  /** Read the token anew from this page as it is served now. Returns whether there is one. */
  async renew() {
    try {
      const response = await fetch(location.pathname, { cache: "no-store" });
      const token = response.ok && tokenIn(new DOMParser().parseFromString(await response.text(), "text/html"));
      if (token) this.token = token;
      return Boolean(token);
    } catch {
      return false;
    }
  }

  /**
   * Ask for something; returns the answer, with `changed: true` if a file on the disk was not the expected one.
   *
   * body: none for a question that changes nothing. Throws an Error whose message is a sentence for the learner.
   */
  async ask(what, body) {
    let response = await this.send(what, body);
    if (response.status === 403 && (await this.renew())) response = await this.send(what, body);
    const answer = await response.json().catch(() => ({}));
    if (response.ok || response.status === 409) return { ...answer, changed: response.status === 409 };
    throw new Error(answer.problem || phrase("`deepbook learn` refused this ({status}). Reload the page and try again.", { status: response.status }));
  }

  async send(what, body) {
    const post = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const { headers, ...rest } = body ? post : {};
    try {
      return await fetch(`/_live/${what}`, { ...rest, headers: { ...headers, "X-Deepbook-Token": this.token } });
    } catch {
      throw new NoAnswer();
    }
  }
}

/** The token that a page was served with; the static site has none. */
export function tokenIn(page) {
  return page.documentElement.dataset.token;
}
