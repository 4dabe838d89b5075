// The fixture of every story: a server of its own, people who join it, and no fault on any page.

import { test as base } from "@playwright/test";

import { Person } from "./person";
import { Server } from "./server";

type Options = Parameters<typeof Person.open>[3];

interface Story {
  server: Server;
  /** Opens a page on `link` for someone called `name`. */
  arrive: (name: string, link: string, options?: Options) => Promise<Person>;
}

export const test = base.extend<Story>({
  // eslint-disable-next-line no-empty-pattern
  server: async ({}, use, info) => {
    const server = await Server.start();
    await use(server);
    await server.stop();
    if (info.status !== info.expectedStatus) console.log(server.log);
  },
  arrive: async ({ browser, server: _server }, use) => {
    const people: Person[] = [];
    await use(async (name, link, options) => {
      const person = await Person.open(browser, name, link, options);
      people.push(person);
      return person;
    });
    for (const person of people) await person.leave();
    for (const person of people) person.expectNoFaults();
  },
});

export { expect } from "@playwright/test";
