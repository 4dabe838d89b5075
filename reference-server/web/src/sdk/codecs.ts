// Which codings are offered: those the server forwards. Which of them is sent, the server's answer says.

/** By lower-case MIME type, what of its parameters has to be so; `null` takes every variant. */
const FORWARDED: Readonly<Record<string, RegExp | null>> = {
  "audio/opus": null,
  // Every packet carries the one before it too (RFC 2198): a lost one is not missed.
  "audio/red": null,
  "video/vp8": null,
  // Constrained baseline in the packing every browser reads (RFC 7742, section 6.2).
  "video/h264": /(?=.*packetization-mode=1)(?=.*profile-level-id=42e0)/i,
  "video/vp9": /profile-id=0/i,
  "video/av1": /(^|;)\s*profile=0|^(?!.*profile=)/i,
  "video/rtx": null,
};

/** Those of a browser's codecs that are offered, in the browser's order. */
export function offeredCodecs<C extends Pick<RTCRtpCodec, "mimeType" | "sdpFmtpLine">>(codecs: readonly C[]): C[] {
  return codecs.filter(({ mimeType, sdpFmtpLine }) => {
    const wanted = FORWARDED[mimeType.toLowerCase()];
    return wanted !== undefined && (wanted === null || wanted.test(sdpFmtpLine ?? ""));
  });
}

/** Has `transceiver` offer these only; a browser that cannot choose offers all it has. */
export function offerForwarded(transceiver: RTCRtpTransceiver, kind: "audio" | "video"): void {
  if (!("setCodecPreferences" in transceiver)) return;
  const kept = offeredCodecs(RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []);
  if (kept.length > 0) transceiver.setCodecPreferences(kept);
}
