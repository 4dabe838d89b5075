// The fixture of stories with networks: a server in the hall, and lines that lead to it.

import { type Browser, chromium, type TestInfo } from "@playwright/test";

import { type Line, Network } from "./network";
import { Person } from "./person";
import { Server } from "./server";
import { test as base } from "./story";

type Options = Parameters<typeof Person.open>[3];

interface Apart {
  network: Network;
  /** The line to the run's own namespace, where Firefox has to be. */
  here: Line;
  /** A line to a namespace of its own. */
  away: Line;
  /** Opens a page in a Chromium of its own at the far end of `away`. */
  arriveAway: (name: string, link: string, options?: Options) => Promise<Person>;
}

export const test = base.extend<Apart>({
  // eslint-disable-next-line no-empty-pattern
  network: async ({}, use) => {
    const network = Network.make();
    try {
      await use(network);
    } finally {
      network.remove();
    }
  },
  here: async ({ network }, use) => use(network.here()),
  away: async ({ network }, use) => use(network.apart()),
  server: async ({ network, here, away: _laidBefore }, use, info) => {
    const server = await Server.startInHall(network, here);
    await use(server);
    await server.stop();
    if (info.status !== info.expectedStatus) console.log(server.log);
  },
  // Not the browser of the other stories: it would see the cable come and break off its requests.
  arrive: async ({ here, server: _server }, use, info) => people(info, here, use),
  arriveAway: async ({ away, server: _server }, use, info) => people(info, away, use),
});

/** People at the end of `line`, all in one Chromium that starts with the first. */
async function people(
  info: TestInfo,
  line: Line,
  use: (arrive: Apart["arriveAway"]) => Promise<void>,
): Promise<void> {
  const arrived: Person[] = [];
  let browser: Browser | undefined;
  await use(async (name, link, options) => {
    const launch = info.project.use.launchOptions ?? {};
    const executablePath = line.chromium(launch.executablePath ?? "chromium");
    browser ??= await chromium.launch({ ...launch, executablePath });
    const person = await Person.open(browser, name, line.reach(link), options);
    arrived.push(person);
    return person;
  });
  await browser?.close();
  for (const person of arrived) person.expectNoFaults();
}

export { expect } from "@playwright/test";
