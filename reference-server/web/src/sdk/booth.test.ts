import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { signer } from "../dev/signer";
import { Booth } from "./booth";
import type { SecretVote, VoteList } from "./proto";

const vote: SecretVote = {
  id: "vote_1", by: "par_1", at: 1, question: "Who?", choices: ["Kim", "Lou"], most: 1, voters: "everyone", key: "",
  stage: "open", entitled: 2, given: 0, took: false,
};

let key: string;
let sign: (blinded: string) => string;
let asked: { path: string; init: RequestInit }[] = [];
let list: VoteList;

beforeAll(async () => {
  ({ key, sign } = await signer());
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  asked = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push({ path, init });
    return new Response(JSON.stringify(init.method === "POST" ? { serial: "" } : list));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a ballot goes later and alone, is sent again, and is looked for in the list", async () => {
  const signed: string[] = [];
  const booth = new Booth({
    sign: async (_, blinded) => (signed.push(blinded), sign(blinded)), request: async () => undefined, room: () => "room_1", changed: () => undefined,
  });
  const mine = { ...vote, key };
  await booth.vote(mine, [1]);
  await expect(booth.vote(mine, [0])).rejects.toMatchObject({ code: "ballot_given" });
  expect(booth.own("vote_1")?.state).toBe("under_way");
  expect(asked).toHaveLength(0);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(booth.own("vote_1")?.state).toBe("arrived");
  expect(asked[0]?.init).toMatchObject({ credentials: "omit", referrerPolicy: "no-referrer" });
  expect(JSON.stringify(asked[0])).not.toContain(signed[0]);
  booth.repeat();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(asked[1]?.init.body).toBe(asked[0]?.init.body);

  const ballot = JSON.parse(String(asked[0]?.init.body)) as VoteList["ballots"][number];
  list = { vote: "vote_1", question: "Who?", choices: ["Kim", "Lou"], most: 1, key, entitled: 2, given: 1, ballots: [ballot] };
  booth.look([{ ...mine, stage: "closed", cast: 1, counts: [0, 1] }]);
  await vi.waitFor(() => expect(booth.own("vote_1")?.state).toBe("counted"));
  expect(booth.busy).toBe(false);
});

test("a list that says something else of one's ballot, or is under another key, is not taken", async () => {
  for (const change of [{ choices: [0] }, { other: true }]) {
    const booth = new Booth({ sign: async (_, blinded) => sign(blinded), request: async () => undefined, room: () => "room_1", changed: () => undefined });
    const mine = { ...vote, key };
    await booth.vote(mine, [1]);
    await vi.advanceTimersByTimeAsync(15_000);
    const ballot = JSON.parse(String(asked.at(-1)?.init.body)) as VoteList["ballots"][number];
    const changed = { ...ballot, ...("choices" in change ? { choices: [0] } : {}) };
    list = {
      vote: "vote_1", question: "Who?", choices: ["Kim", "Lou"], most: 1, key: "other" in change ? `${key}A` : key,
      entitled: 2, given: 1, ballots: [changed],
    };
    booth.look([{ ...mine, stage: "closed", cast: 1, counts: "choices" in change ? [1, 0] : [0, 1] }]);
    await vi.waitFor(() => expect(booth.own("vote_1")?.state).toBe("missing"));
  }
});
