// The texts in which the dashboard tells the connection's state: some are there for a second only.

/** Writes down every text from now on, with its title in parentheses. */
export const recordStates = (page) =>
  page.evaluate(() => {
    window.states = [];
    const [state, text] = ["state", "state-text"].map((id) => document.getElementById(id));
    new MutationObserver(() => window.states.push(`${text.textContent} (${state.title})`)).observe(text, { childList: true });
  });

/** Waits until the text was one that is, or matches, `told`. */
export const wasState = (page, told) =>
  page.waitForFunction(
    (wanted) => window.states.some((state) => (wanted instanceof RegExp ? wanted.test(state) : state === wanted)),
    told,
  );
