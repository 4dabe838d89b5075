// What of an SDP offer mediasoup needs to know, and the answer that says what it decided.
//
// mediasoup speaks no SDP: it takes and gives objects of codecs, header extensions and encodings.
// Only what WHIP and WHEP with one bundled transport need is read; the rest is skipped, as RFC 8866
// asks of unknown attributes.

/** Lines of one offer; a room of 150 makes 300. */
const MOST_LINES = 512;
/** Payload types of one line. */
const MOST_CODECS = 64;

/** A certificate's SHA-256, as SDP writes it. */
const FINGERPRINT = /^([\dA-F]{2}:){31}[\dA-F]{2}$/;

/** A request that cannot be answered; the message is for the one who sent it. */
export class Refused extends Error {
  constructor(message, status = 400) {
    super(message);
    this.status = status;
  }
}

/**
 * Reads an offer: `{ dtls, lines }`, where `dtls` is what a transport connects to and each line is
 * `{ kind, mid, direction, protocol, codecs, extensions, ssrcs, repairs, rids, cname }`.
 */
export function readOffer(text) {
  const session = newSection();
  const lines = [];
  for (const row of text.split(/\r?\n/)) {
    if (row.startsWith("m=")) {
      if (lines.length === MOST_LINES) throw new Refused(`more than ${MOST_LINES} m-lines`);
      lines.push(newLine(row.slice(2)));
    } else if (row.startsWith("a=")) {
      readAttribute(lines.at(-1) ?? session, row.slice(2));
    }
  }
  if (lines.length === 0) throw new Refused("the offer has no m-line");
  const mids = new Set();
  const ssrcs = new Set();
  for (const line of lines) {
    if (!/^[\w.+-]{1,32}$/.test(line.mid ?? "")) {
      throw new Refused("an m-line has no readable a=mid");
    }
    if (mids.has(line.mid)) throw new Refused(`two m-lines have the mid ${line.mid}`);
    mids.add(line.mid);
    for (const ssrc of line.ssrcs) {
      if (ssrcs.has(ssrc)) throw new Refused(`two m-lines have the SSRC ${ssrc}`);
      ssrcs.add(ssrc);
    }
  }
  // All lines share the transport of the first one (RFC 9143), so its certificate is everyone's.
  const print = session.fingerprint ?? lines.find((line) => line.fingerprint)?.fingerprint;
  if (!FINGERPRINT.test(print ?? "")) {
    throw new Refused("the offer lacks a readable a=fingerprint with sha-256");
  }
  // The answer says `passive`: the asker opens the handshake and is the client of it.
  const dtls = { role: "client", fingerprints: [{ algorithm: "sha-256", value: print }] };
  return { dtls, lines };
}

/** The parameters of a `Producer` for a line that sends. */
export function sendingParameters(line, capabilities) {
  const router = capabilities.codecs.filter((codec) => codec.kind === line.kind);
  const media = line.codecs.find((codec) => isMedia(codec) && match(router, codec));
  if (!media) throw new Refused(`line ${line.mid} offers no codec of ours`);
  const rtx = line.codecs.find((codec) => repairs(codec, media));
  const codecs = [{ ...media, rtcpFeedback: shared(media, match(router, media)) }];
  if (rtx) codecs.push(rtx);
  let encodings = line.rids.map((rid) => ({ rid }));
  if (encodings.length === 0) {
    const ssrc = line.ssrcs.find((number) => ![...line.repairs.values()].includes(number));
    if (ssrc === undefined) throw new Refused(`line ${line.mid} names neither a=ssrc nor a=rid`);
    const repair = rtx && line.repairs.get(ssrc);
    encodings = [repair === undefined ? { ssrc } : { ssrc, rtx: { ssrc: repair } }];
  }
  const known = usable(capabilities, line.kind, "recvonly");
  return {
    mid: line.mid,
    codecs,
    headerExtensions: line.extensions.filter(({ uri }) => known.some((one) => one.uri === uri)),
    encodings,
    rtcp: { cname: line.cname ?? line.mid, reducedSize: true },
  };
}

/**
 * The capabilities a `Consumer` is made for, from a line that receives.
 *
 * Media keeps the payload types of the offer, or the line is refused. Those of repairs and the
 * numbers of header extensions are mediasoup's own whatever was offered (its worker has them built
 * in), and the answer says so: the receiver must go by the answer.
 */
export function receivingCapabilities(line, capabilities) {
  const router = capabilities.codecs.filter((codec) => codec.kind === line.kind);
  const codecs = [];
  for (const offered of line.codecs.filter(isMedia)) {
    const ours = match(router, offered);
    if (!ours || ours.preferredPayloadType !== offered.payloadType) continue;
    codecs.push({ ...ours, rtcpFeedback: shared(offered, ours) });
    const repaired = line.codecs.some((codec) => repairs(codec, offered));
    const rtx = router.find((codec) => codec.parameters?.apt === ours.preferredPayloadType);
    if (repaired && rtx) codecs.push(rtx);
  }
  if (codecs.length === 0) {
    const ours = router.filter(isMedia);
    const list = ours.map((codec) => `${codec.mimeType} as ${codec.preferredPayloadType}`);
    throw new Refused(`line ${line.mid} must offer ${list.join(" or ")}`);
  }
  const headerExtensions = usable(capabilities, line.kind, "sendonly").filter(({ uri }) =>
    line.extensions.some((offered) => offered.uri === uri),
  );
  return { codecs, headerExtensions };
}

/**
 * The answer. Each of `answers` is for one offered line, in order: `{ line, direction,
 * parameters }` with mediasoup's RTP parameters, which an inactive line lacks; a sending one has
 * `stream`, the name its source goes by.
 */
export function writeAnswer(transport, answers) {
  const { iceParameters: ice, iceCandidates, dtlsParameters } = transport;
  const print = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === "sha-256");
  const out = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=ice-lite"];
  out.push(`a=group:BUNDLE ${answers.map(({ line }) => line.mid).join(" ")}`);
  out.push("a=msid-semantic:WMS *");
  for (const { line, direction, parameters, stream } of answers) {
    const codecs = parameters?.codecs ?? line.codecs;
    const types = codecs.map((codec) => codec.payloadType).join(" ");
    out.push(`m=${line.kind} 9 ${line.protocol} ${types}`, "c=IN IP4 0.0.0.0");
    out.push(`a=mid:${line.mid}`, `a=${direction}`, "a=rtcp-mux", "a=rtcp-rsize");
    out.push(`a=ice-ufrag:${ice.usernameFragment}`, `a=ice-pwd:${ice.password}`);
    out.push(`a=fingerprint:sha-256 ${print.value}`, "a=setup:passive");
    for (const { foundation, priority, protocol, address, port, type } of iceCandidates) {
      const way = `${protocol} ${priority} ${address} ${port}`;
      out.push(`a=candidate:${foundation} 1 ${way} typ ${type}`);
    }
    out.push("a=end-of-candidates");
    writeCodecs(out, codecs);
    if (!parameters) continue;
    for (const { id, uri } of parameters.headerExtensions) out.push(`a=extmap:${id} ${uri}`);
    if (direction === "sendonly") {
      writeSource(out, parameters, stream);
    } else if (line.rids.length > 0) {
      line.rids.forEach((rid) => out.push(`a=rid:${rid} recv`));
      out.push(`a=simulcast:recv ${line.rids.join(";")}`);
    }
  }
  return out.join("\r\n") + "\r\n";
}

function newSection() {
  return { fingerprint: undefined, direction: "sendrecv" };
}

function newLine(media) {
  const [kind, , protocol, ...types] = media.trim().split(/\s+/);
  if (kind !== "audio" && kind !== "video") throw new Refused(`m=${kind} cannot be answered`);
  if (!/^UDP\/TLS\/RTP\/SAVPF$/.test(protocol ?? "")) {
    throw new Refused(`expected UDP/TLS/RTP/SAVPF for ${kind}`);
  }
  if (types.length === 0 || types.length > MOST_CODECS) {
    throw new Refused(`expected 1 to ${MOST_CODECS} payload types, found ${types.length}`);
  }
  if (new Set(types).size < types.length) throw new Refused(`${kind} has a payload type twice`);
  const codecs = types.map((type) => ({
    mimeType: "",
    payloadType: number(type, 127, "payload type"),
    clockRate: 0,
    parameters: {},
    rtcpFeedback: [],
  }));
  return {
    ...newSection(),
    kind,
    protocol,
    mid: undefined,
    codecs,
    extensions: [],
    ssrcs: [],
    /** From an SSRC to that of its repairs. */
    repairs: new Map(),
    rids: [],
    cname: undefined,
  };
}

function readAttribute(section, attribute) {
  const colon = attribute.indexOf(":");
  const name = colon < 0 ? attribute : attribute.slice(0, colon);
  const value = colon < 0 ? "" : attribute.slice(colon + 1).trim();
  const words = value.split(/\s+/);
  if (name === "fingerprint" && words[0].toLowerCase() === "sha-256") {
    section.fingerprint = words[1]?.toUpperCase();
  }
  if (/^(sendrecv|sendonly|recvonly|inactive)$/.test(name)) section.direction = name;
  // What follows is of lines only.
  if (!section.codecs) return;
  const codec = section.codecs.find(({ payloadType }) => String(payloadType) === words[0]);
  switch (name) {
    case "mid":
      section.mid = value;
      break;
    case "rtpmap": {
      const [encoding, rate, channels] = (words[1] ?? "").split("/");
      if (!codec) break;
      codec.mimeType = `${section.kind}/${encoding}`;
      codec.clockRate = number(rate, 2 ** 31, "clock rate");
      if (channels && section.kind === "audio") codec.channels = number(channels, 255, "channels");
      break;
    }
    case "fmtp":
      for (const part of words.slice(1).join(" ").split(";")) {
        const [key, said = ""] = part.trim().split("=");
        if (codec && key) codec.parameters[key] = /^\d{1,9}$/.test(said) ? Number(said) : said;
      }
      break;
    case "rtcp-fb":
      codec?.rtcpFeedback.push({ type: words[1] ?? "", parameter: words.slice(2).join(" ") });
      break;
    case "extmap": {
      const id = number(words[0].split("/")[0], 255, "header extension");
      section.extensions.push({ uri: words[1] ?? "", id });
      break;
    }
    case "ssrc": {
      const ssrc = number(words[0], 2 ** 32 - 1, "SSRC");
      if (!section.ssrcs.includes(ssrc) && section.ssrcs.length < MOST_CODECS) {
        section.ssrcs.push(ssrc);
      }
      if (words[1]?.startsWith("cname:")) section.cname = words[1].slice(6);
      break;
    }
    case "ssrc-group":
      if (words[0] === "FID" && words.length === 3) {
        const [media, repair] = words.slice(1).map((word) => number(word, 2 ** 32 - 1, "SSRC"));
        section.repairs.set(media, repair);
      }
      break;
    case "simulcast":
      // `send q;h;f`: alternatives behind a comma and paused ones (`~`) are not asked for.
      if (words[0] === "send" && words[1]) {
        const rids = words[1].split(";").map((rid) => rid.split(",")[0]);
        section.rids = rids.filter((rid) => /^[A-Za-z0-9]{1,16}$/.test(rid)).slice(0, 3);
      }
      break;
  }
}

function writeCodecs(out, codecs) {
  for (const { mimeType, payloadType, clockRate, channels, parameters, rtcpFeedback } of codecs) {
    const [, name] = mimeType.split("/");
    // A static payload type needs no line.
    if (!name) continue;
    out.push(`a=rtpmap:${payloadType} ${name}/${clockRate}${channels > 1 ? `/${channels}` : ""}`);
    const pairs = Object.entries(parameters ?? {});
    const said = pairs.map(([key, value]) => (value === "" ? key : `${key}=${value}`));
    if (said.length > 0) out.push(`a=fmtp:${payloadType} ${said.join(";")}`);
    for (const { type, parameter } of rtcpFeedback ?? []) {
      out.push(`a=rtcp-fb:${payloadType} ${type}${parameter ? ` ${parameter}` : ""}`);
    }
  }
}

function writeSource(out, parameters, stream) {
  const [{ ssrc, rtx }] = parameters.encodings;
  out.push(`a=msid:${stream} ${stream}`);
  if (rtx) out.push(`a=ssrc-group:FID ${ssrc} ${rtx.ssrc}`);
  for (const one of rtx ? [ssrc, rtx.ssrc] : [ssrc]) {
    out.push(`a=ssrc:${one} cname:${parameters.rtcp.cname}`);
  }
}

function isMedia(codec) {
  return codec.mimeType !== "" && !/\/(rtx|red|ulpfec|flexfec.*)$/i.test(codec.mimeType);
}

function repairs(codec, media) {
  return /\/rtx$/i.test(codec.mimeType) && codec.parameters.apt === media.payloadType;
}

/** The router's codec of the same name. */
function match(router, codec) {
  const name = codec.mimeType.toLowerCase();
  return router.find((one) => one.mimeType.toLowerCase() === name);
}

/** The feedback both know. */
function shared(offered, ours) {
  return offered.rtcpFeedback.filter(({ type, parameter }) =>
    ours.rtcpFeedback.some((one) => one.type === type && (one.parameter ?? "") === parameter),
  );
}

/** The router's header extensions of a kind, in a direction as the router sees it. */
function usable(capabilities, kind, direction) {
  const may = (one) => one.direction === "sendrecv" || one.direction === direction;
  return capabilities.headerExtensions.filter((one) => one.kind === kind && may(one));
}

function number(text, most, what) {
  const value = /^\d{1,10}$/.test(text ?? "") ? Number(text) : NaN;
  if (!(value <= most)) throw new Refused(`a ${what} cannot be read`);
  return value;
}
