import { expect, it } from "vitest";

import { offeredCodecs } from "./codecs";

const codec = (mimeType: string, sdpFmtpLine?: string) => ({ mimeType, sdpFmtpLine: sdpFmtpLine ?? "" });

it("offers what the server forwards, each once, and its repairs", () => {
  const has = [
    codec("video/VP8"),
    codec("video/rtx"),
    codec("video/H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f"),
    codec("video/H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
    codec("video/H264", "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f"),
    codec("video/H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=640032"),
    codec("video/VP9", "profile-id=2"),
    codec("video/VP9", "profile-id=0"),
    codec("video/AV1", "level-idx=5;profile=1;tier=0"),
    codec("video/AV1", "level-idx=5;profile=0;tier=0"),
    codec("video/H265", "profile-id=1"),
    codec("video/red"),
    codec("video/ulpfec"),
  ];
  expect(offeredCodecs(has)).toEqual([has[0], has[1], has[3], has[7], has[9]]);
});

it("takes AV1 that names no profile, and of the sound Opus, bare or repeated", () => {
  expect(offeredCodecs([codec("video/AV1")])).toHaveLength(1);
  expect(offeredCodecs([codec("audio/opus", "minptime=10"), codec("audio/G722"), codec("audio/red")])).toHaveLength(2);
});
