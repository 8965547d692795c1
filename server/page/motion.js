// Cards that change their places move there, so that the eye can follow.

const MOVE_MS = 220;
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Runs `change`, which redraws `list`, and lets cards that stay glide to their new places. */
export function moved(list, change) {
  const before = still.matches ? new Map() : tops(list);
  change();
  if (before.size === 0) return;
  for (const card of list.querySelectorAll(".card[data-id]")) {
    const top = before.get(card.dataset.id);
    const by = top === undefined ? 0 : top - card.getBoundingClientRect().top;
    if (by !== 0) card.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: MOVE_MS, easing: "ease-out" });
  }
}

function tops(list) {
  return new Map([...list.querySelectorAll(".card[data-id]")].map((card) => [card.dataset.id, card.getBoundingClientRect().top]));
}
