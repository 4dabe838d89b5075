// Keeps a panel that opens beside its button on the page.

import type { Attachment } from "svelte/attachments";

/** What is left free between a panel and the edge of the page, in pixels. */
const MARGIN = 10;

/** How far a panel from `left` to `right` moves to be on a page of `width`; one too wide shows its beginning. */
export function inward(left: number, right: number, width: number): number {
  const beyond = Math.min(0, width - MARGIN - right);
  return left + beyond < MARGIN ? MARGIN - left : beyond;
}

export const inside: Attachment<HTMLElement> = (panel) => {
  const place = (): void => {
    panel.style.transform = "";
    const { left, right } = panel.getBoundingClientRect();
    const by = inward(left, right, document.documentElement.clientWidth);
    if (by !== 0) panel.style.transform = `translateX(${by}px)`;
  };
  // What a panel shows grows and shrinks; the page turns with the phone.
  const sizes = new ResizeObserver(place);
  sizes.observe(panel);
  sizes.observe(document.documentElement);
  return () => sizes.disconnect();
};
