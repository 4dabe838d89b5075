// Where workers and worklets may come from: this page's own built files, and nowhere else.

interface Policy {
  createScriptURL(url: string): string;
}

interface Factory {
  createPolicy(name: string, rules: Policy): Policy;
}

const RULES: Policy = {
  createScriptURL: (url) => {
    const { origin, pathname } = new URL(url, location.href);
    // While developing, files are served from where they lie.
    const built = import.meta.env.DEV || pathname.startsWith("/assets/");
    if (origin !== location.origin || !built) throw new TypeError("not a script of this page");
    return url;
  },
};

let policy: Policy | undefined;

/** `url` as the browser's Trusted Types want it; throws for anything but our own. */
export function scriptUrl(url: string): string {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  // The server names this policy, and a name can be taken once.
  policy ??= factory?.createPolicy("conf", RULES) ?? RULES;
  return policy.createScriptURL(url);
}
