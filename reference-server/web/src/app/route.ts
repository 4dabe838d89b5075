// Which page an address means.

export type Route =
  | { readonly page: "start" }
  | { readonly page: "room"; readonly room: string; readonly key: string }
  | { readonly page: "unknown" };

/** The key stays in the fragment: it never reaches a server's log. */
export function routeOf(location: { readonly pathname: string; readonly hash: string }): Route {
  if (location.pathname === "/") return { page: "start" };
  const match = /^\/r\/([A-Za-z0-9_-]+)\/?$/.exec(location.pathname);
  if (match?.[1] === undefined) return { page: "unknown" };
  return { page: "room", room: match[1], key: location.hash.replace(/^#/, "") };
}
