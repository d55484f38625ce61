// The state of streams, asked of the server every two seconds while the page is looked at.

const PERIOD = 2000;

/** `words` is an element with data-word-<state>. */
export function showState(badge, state, words) {
  badge.dataset.videoState = state;
  badge.textContent = words.dataset[`word${state[0].toUpperCase()}${state.slice(1)}`] ?? state;
}

export function poll(url, show) {
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (answer.ok) show(await answer.json());
    } catch {
      // The server is away: the next time.
    }
  };
  ask();
  setInterval(ask, PERIOD);
}
