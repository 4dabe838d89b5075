// Descriptions: what an offer asks for, and how two offers are made to answer each other.
//
// For someone who receives, Janus makes the offer; so does a WHEP client. With two offers on the table, the client's is
// rewritten to be the answer to Janus', and Janus' to be the answer to the client's. Both sides then believe they began.

/** Lines of one offer: a browser's 300 lines are more than any workload has. */
const MOST_LINES = 2048;

/** What is wrong with an offer, in the words of the answer to the one who made it. */
export class BadOffer extends Error {}

/**
 * Reads a description.
 *
 * @returns {{session: string[], lines: Line[]}} lines without `\r\n`; of each m-line what is needed here, and all of it
 */
export function read(text) {
  const [session, ...media] = text
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .reduce((sections, line) => {
      if (line.startsWith("m=")) sections.push([]);
      sections.at(-1).push(line);
      return sections;
    }, [[]]);
  if (session[0] !== "v=0") throw new BadOffer("expected an SDP offer, which begins with v=0");
  if (media.length === 0) throw new BadOffer("the offer has no m-lines");
  if (media.length > MOST_LINES) throw new BadOffer(`the offer has ${media.length} m-lines, at most ${MOST_LINES} are read`);
  return { session, lines: media.map((lines) => new Line(lines)) };
}

/** One m-line and what belongs to it. */
class Line {
  constructor(lines) {
    const [media, port, protocol, ...formats] = lines[0].slice(2).split(" ");
    this.kind = media;
    this.port = port;
    this.protocol = protocol;
    this.formats = formats;
    this.lines = lines;
    this.mid = this.value("mid") ?? "";
    const directions = ["sendrecv", "sendonly", "recvonly", "inactive"];
    this.direction = directions.find((direction) => lines.includes(`a=${direction}`)) ?? "sendrecv";
  }

  get sends() {
    return this.port !== "0" && this.direction.startsWith("send");
  }

  get receives() {
    return this.port !== "0" && (this.direction === "recvonly" || this.direction === "sendrecv");
  }

  /** The attributes of this name, whole. */
  all(name) {
    return attributes(this.lines, name);
  }

  value(name) {
    return this.all(name)[0]?.slice(name.length + 3);
  }

  /** What a payload type stands for, such as `vp8/90000`; of a repair also what it repairs. */
  codec(format) {
    const name = this.all("rtpmap").find((line) => line.startsWith(`a=rtpmap:${format} `))?.split(" ")[1]?.toLowerCase();
    const repaired = this.repaired(format);
    return repaired && name ? `${name} of ${repaired}` : name;
  }

  /** The payload type that this one repairs (RFC 4588). */
  repaired(format) {
    return this.all("fmtp").find((line) => line.startsWith(`a=fmtp:${format} apt=`))?.split("=")[2];
  }
}

function attributes(lines, name) {
  return lines.filter((line) => line === `a=${name}` || line.startsWith(`a=${name}:`));
}

/**
 * The client's offer as the answer to Janus'.
 *
 * @param janus Janus' offer, read
 * @param client the client's, read
 * @param {number[]} places for each line of Janus' the place of the client's line it fills
 */
export function answerToJanus(janus, client, places) {
  return write(client.session, janus.lines.map((theirs, at) => {
    const ours = client.lines[places[at]];
    return section(client, ours, {
      mid: theirs.mid,
      formats: common(theirs, ours, places[at]),
      // The client begins the handshake: `actpass` lets us choose, and a lite server waits anyway.
      setup: "active",
      direction: "recvonly",
      extensions: extensions(theirs, ours),
      rest: [],
    });
  }));
}

/** Janus' offer as the answer to the client's; lines that nothing fills are refused. */
export function answerToClient(janus, client, places) {
  return write(janus.session, client.lines.map((ours, place) => {
    const at = places.indexOf(place);
    if (at < 0) return refused(ours);
    const theirs = janus.lines[at];
    return section(janus, theirs, {
      mid: ours.mid,
      formats: common(theirs, ours, place),
      setup: "passive",
      direction: "sendonly",
      extensions: extensions(theirs, ours),
      rest: ["msid", "ssrc-group", "ssrc"].flatMap((name) => theirs.all(name)),
    });
  }));
}

/** The header extensions of both, with the client's numbers: Janus sends what its answer says. */
function extensions(theirs, ours) {
  const uri = (extmap) => extmap.split(" ")[1];
  const known = theirs.all("extmap").map(uri);
  return ours.all("extmap").filter((extmap) => {
    // Janus writes its own mid: where the client's is another, streams are told apart by SSRC.
    return known.includes(uri(extmap)) && (theirs.mid === ours.mid || !uri(extmap).endsWith(":sdes:mid"));
  });
}

/** The payload types both mean the same by, in Janus' order; repairs only of what is among them. */
function common(theirs, ours, place) {
  const same = theirs.formats.filter((format) => theirs.codec(format) && theirs.codec(format) === ours.codec(format));
  const media = same.filter((format) => theirs.repaired(format) === undefined);
  if (media.length === 0) {
    const wanted = theirs.formats.map((format) => `${theirs.codec(format)} as ${format}`).join(", ");
    throw new BadOffer(`line ${place} of the offer has none of ${wanted}`);
  }
  return same.filter((format) => media.includes(theirs.repaired(format) ?? format));
}

/** One m-line in the words of `line`, with what differs from it. */
function section(description, line, { mid, formats, setup, direction, extensions, rest }) {
  // One transport for all: what is not said at the line is said before the lines, or at the first one.
  const transport = ["ice-ufrag", "ice-pwd", "fingerprint", "candidate", "end-of-candidates"].flatMap((name) => {
    return [line.lines, description.session, description.lines[0].lines]
      .map((lines) => attributes(lines, name))
      .find((found) => found.length > 0) ?? [];
  });
  const ofFormat = ["rtpmap", "fmtp", "rtcp-fb"].flatMap((name) => {
    return line.all(name).filter((text) => formats.includes(text.slice(name.length + 3).split(" ")[0]));
  });
  return {
    mid,
    lines: [
      `m=${line.kind} 9 UDP/TLS/RTP/SAVPF ${formats.join(" ")}`,
      "c=IN IP4 127.0.0.1",
      `a=mid:${mid}`,
      `a=${direction}`,
      ...transport,
      `a=setup:${setup}`,
      "a=rtcp-mux",
      "a=rtcp-rsize",
      ...extensions,
      ...ofFormat,
      ...rest,
    ],
  };
}

function refused(line) {
  const lines = [`m=${line.kind} 0 ${line.protocol} ${line.formats.join(" ")}`, "c=IN IP4 0.0.0.0", `a=mid:${line.mid}`];
  return { lines: [...lines, "a=inactive"] };
}

function write(session, sections) {
  const bundle = sections.flatMap((section) => section.mid ?? []).join(" ");
  const first = session.filter((line) => /^[vost]=/.test(line) || line === "a=ice-lite");
  const head = [...first, `a=group:BUNDLE ${bundle}`, "a=msid-semantic: WMS *"];
  return [...head, ...sections.flatMap((section) => section.lines), ""].join("\r\n");
}
