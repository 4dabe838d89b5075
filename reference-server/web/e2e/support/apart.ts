// The fixture of stories with networks: a server in the hall, and lines that lead to it.

import { type Browser, chromium } from "@playwright/test";

import { type Line, Network } from "./network";
import { Person } from "./person";
import { Server } from "./server";
import { test as base } from "./story";

type Options = Parameters<typeof Person.open>[3];

interface Apart {
  network: Network;
  /** The line to the run's own namespace, where the shared Chromium and Firefox are. */
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
  arriveAway: async ({ away, server: _server }, use, info) => {
    const people: Person[] = [];
    const browsers: Browser[] = [];
    await use(async (name, link, options) => {
      const launch = info.project.use.launchOptions ?? {};
      const program = away.chromium(launch.executablePath ?? "chromium");
      const browser = await chromium.launch({ ...launch, executablePath: program });
      browsers.push(browser);
      const person = await Person.open(browser, name, away.reach(link), options);
      people.push(person);
      return person;
    });
    for (const browser of browsers) await browser.close();
    for (const person of people) person.expectNoFaults();
  },
});

export { expect } from "@playwright/test";
