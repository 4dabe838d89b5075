//! What an answer grants: where the server is, who it is, and how each line may be used.

use std::net::{IpAddr, SocketAddr};

use super::dtls::Role;
use super::ice::Credentials;
use super::offer::TRANSPORT_CC_URI;

/// The longest answer that is read, in bytes.
const MAX_LEN: usize = 1 << 20;
/// Addresses of the server that are tried.
const MAX_CANDIDATES: usize = 8;

/// Why an answer cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Too long to be an answer.
    #[error("answer of {found} bytes, at most {MAX_LEN} are read")]
    TooLong {
        /// How long it is.
        found: usize,
    },
    /// Something is not there.
    #[error("the answer lacks {what}")]
    Missing {
        /// What.
        what: &'static str,
    },
    /// Something cannot be read.
    #[error("the answer's {what} cannot be read")]
    Malformed {
        /// What.
        what: &'static str,
    },
    /// Other lines than were offered.
    #[error("the answer has {found} m-lines, the offer {offered}")]
    Lines {
        /// In the answer.
        found: usize,
        /// In the offer.
        offered: usize,
    },
}

/// An answer, read.
pub(crate) struct Answer {
    pub(crate) credentials: Credentials,
    pub(crate) fingerprint: [u8; 32],
    /// Our part in the handshake.
    pub(crate) role: Role,
    pub(crate) candidates: Vec<SocketAddr>,
    pub(crate) lines: Vec<LineAnswer>,
}

/// What became of one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LineAnswer {
    pub(crate) mid: String,
    /// Whether it may carry anything.
    pub(crate) accepted: bool,
    /// The payload types, in order.
    pub(crate) payload_types: Vec<u8>,
    /// Under which id arrivals are numbered across the transport.
    pub(crate) transport_cc: Option<u8>,
    /// Whether the extension of this id may be sent.
    pub(crate) extensions: Vec<u8>,
    /// Whether missing packets may be asked for.
    pub(crate) nack: bool,
    /// The SSRCs that will be used, repairs beside what they repair.
    pub(crate) ssrcs: Vec<(u32, Option<u32>)>,
    /// The simulcast layers that are wanted; empty without simulcast.
    pub(crate) rids: Vec<String>,
}

#[derive(Default)]
struct Section {
    ufrag: Option<String>,
    pwd: Option<String>,
    fingerprint: Option<String>,
    setup: Option<String>,
    candidates: Vec<SocketAddr>,
    line: LineAnswer,
    repairs: Vec<(u32, u32)>,
    declared: Vec<u32>,
}

impl Answer {
    /// Reads the answer to an offer of `offered` lines.
    ///
    /// # Errors
    /// When it is no answer to such an offer, or names no address.
    pub(crate) fn read(text: &str, offered: usize) -> Result<Self, AnswerError> {
        if text.len() > MAX_LEN {
            return Err(AnswerError::TooLong { found: text.len() });
        }
        let mut sections = vec![Section::default()];
        for line in text.lines().map(str::trim_end) {
            if let Some(media) = line.strip_prefix("m=") {
                if sections.len() > offered {
                    let found = text.lines().filter(|line| line.starts_with("m=")).count();
                    return Err(AnswerError::Lines { found, offered });
                }
                sections.push(Section::of(media));
            } else if let (Some(attribute), Some(section)) =
                (line.strip_prefix("a="), sections.last_mut())
            {
                section.attribute(attribute)?;
            }
        }
        let found = sections.len() - 1;
        if found != offered {
            return Err(AnswerError::Lines { found, offered });
        }
        let first = |what: fn(&Section) -> &Option<String>| {
            // Of the session, or of the first line that is used: all share one transport.
            sections.iter().find_map(|section| what(section).clone())
        };
        let missing = |what| AnswerError::Missing { what };
        let credentials = Credentials {
            ufrag: first(|section| &section.ufrag).ok_or(missing("a=ice-ufrag"))?,
            pwd: first(|section| &section.pwd).ok_or(missing("a=ice-pwd"))?,
        };
        let fingerprint =
            first(|section| &section.fingerprint).ok_or(missing("a=fingerprint with sha-256"))?;
        let fingerprint =
            octets(&fingerprint).ok_or(AnswerError::Malformed { what: "a=fingerprint" })?;
        let role = match first(|section| &section.setup).as_deref() {
            Some("passive") => Role::Client,
            Some("active") => Role::Server,
            Some(_) => return Err(AnswerError::Malformed { what: "a=setup" }),
            None => return Err(missing("a=setup")),
        };
        let mut candidates = Vec::new();
        for candidate in sections.iter().flat_map(|section| &section.candidates) {
            if !candidates.contains(candidate) && candidates.len() < MAX_CANDIDATES {
                candidates.push(*candidate);
            }
        }
        if candidates.is_empty() {
            return Err(missing("a=candidate over udp (trickled ones are not waited for)"));
        }
        let lines = sections.into_iter().skip(1).map(Section::finish).collect();
        Ok(Self { credentials, fingerprint, role, candidates, lines })
    }
}

impl Section {
    fn of(media: &str) -> Self {
        let mut words = media.split_ascii_whitespace().skip(1);
        let accepted = words.next().is_some_and(|port| port != "0");
        let payload_types = words.skip(1).filter_map(|word| word.parse().ok()).collect();
        let line = LineAnswer { accepted, payload_types, ..LineAnswer::default() };
        Self { line, ..Self::default() }
    }

    fn attribute(&mut self, attribute: &str) -> Result<(), AnswerError> {
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        let value = value.trim();
        let mut words = value.split_ascii_whitespace();
        match name {
            "ice-ufrag" => self.ufrag = Some(value.to_owned()),
            "ice-pwd" => self.pwd = Some(value.to_owned()),
            "setup" => self.setup = Some(value.to_owned()),
            "fingerprint" => {
                let hash = words.next().unwrap_or_default();
                if hash.eq_ignore_ascii_case("sha-256") {
                    self.fingerprint = words.next().map(str::to_owned);
                }
            }
            "candidate" => self.candidates.extend(candidate(value)),
            "mid" => self.line.mid = value.to_owned(),
            "inactive" => self.line.accepted = false,
            "extmap" => {
                let id = words.next().unwrap_or_default();
                let id = id.split('/').next().and_then(|id| id.parse().ok());
                if let Some(id) = id.filter(|id| (1..=14).contains(id)) {
                    if words.next() == Some(TRANSPORT_CC_URI) {
                        self.line.transport_cc = Some(id);
                    }
                    self.line.extensions.push(id);
                }
            }
            "rtcp-fb" => self.line.nack |= words.nth(1) == Some("nack"),
            "ssrc-group" if words.next() == Some("FID") => {
                let mut numbers = words.map_while(|word| word.parse().ok());
                self.repairs.extend(numbers.next().zip(numbers.next()));
            }
            "ssrc" => {
                let ssrc = words.next().and_then(|word| word.parse().ok());
                let ssrc = ssrc.ok_or(AnswerError::Malformed { what: "a=ssrc" })?;
                if !self.declared.contains(&ssrc) {
                    self.declared.push(ssrc);
                }
            }
            "rid" => {
                let rid = words.next().unwrap_or_default();
                if words.next() == Some("recv") {
                    self.line.rids.push(rid.to_owned());
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(mut self) -> LineAnswer {
        let repairs = &self.repairs;
        let media = self.declared.iter().filter(|ssrc| !repairs.iter().any(|(_, r)| r == *ssrc));
        self.line.ssrcs = media
            .map(|ssrc| {
                let rtx = repairs.iter().find(|(first, _)| first == ssrc).map(|(_, rtx)| *rtx);
                (*ssrc, rtx)
            })
            .collect();
        self.line
    }
}

/// The address of a candidate for UDP; `None` for TCP, names, and relays.
fn candidate(value: &str) -> Option<SocketAddr> {
    let words: Vec<&str> = value.split_ascii_whitespace().collect();
    let udp = words.get(2)?.eq_ignore_ascii_case("udp");
    let ip: IpAddr = words.get(4)?.parse().ok()?;
    let port: u16 = words.get(5)?.parse().ok()?;
    (udp && words.get(1) == Some(&"1") && port != 0).then_some(SocketAddr::new(ip, port))
}

fn octets(text: &str) -> Option<[u8; 32]> {
    let bytes: Option<Vec<u8>> =
        text.split(':').map(|two| u8::from_str_radix(two, 16).ok()).collect();
    bytes?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> String {
        let print = ["AB"; 32].join(":");
        format!(
            "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-lite\r\n\
             a=fingerprint:sha-256 {print}\r\na=ice-ufrag:uf\r\na=ice-pwd:a long password here\r\n\
             a=setup:passive\r\n{body}"
        )
    }

    #[test]
    fn slots_with_their_repairs_and_candidates_are_read() {
        let text = answer(
            "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:0\r\na=sendonly\r\n\
             a=candidate:1 1 udp 2130706431 10.0.0.1 5000 typ host\r\n\
             a=candidate:2 1 tcp 2130706431 10.0.0.1 5000 typ host tcptype passive\r\n\
             a=candidate:3 1 UDP 2130706431 ::1 5001 typ host\r\n\
             a=extmap:3/sendonly http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n\
             a=rtcp-fb:96 nack\r\na=ssrc-group:FID 5 6\r\na=ssrc:5 cname:x\r\n\
             a=ssrc:5 msid:a b\r\na=ssrc:6 cname:x\r\n\
             m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=inactive\r\n",
        );
        let answer = Answer::read(&text, 2).unwrap();
        assert_eq!(answer.role, Role::Client);
        assert_eq!(answer.fingerprint, [0xab; 32]);
        let expected: [SocketAddr; 2] =
            ["10.0.0.1:5000", "[::1]:5001"].map(|text| text.parse().unwrap());
        assert_eq!(answer.candidates, expected);
        let video = &answer.lines[0];
        assert_eq!((video.transport_cc, video.nack), (Some(3), true));
        assert_eq!(video.ssrcs, [(5, Some(6))]);
        assert_eq!(video.payload_types, [96, 97]);
        assert!(video.accepted && !answer.lines[1].accepted);
    }

    #[test]
    fn answers_that_cannot_be_used_say_why() {
        let line = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n";
        let candidate = "a=candidate:1 1 udp 1 127.0.0.1 5000 typ host\r\n";
        let whole = answer(&format!("{line}{candidate}"));
        assert!(Answer::read(&whole, 1).is_ok());
        assert_eq!(
            Answer::read(&whole, 2).err(),
            Some(AnswerError::Lines { found: 1, offered: 2 })
        );
        for lacking in ["a=setup", "a=ice-pwd", "a=ice-ufrag", "a=fingerprint", "a=candidate"] {
            let text: String = whole
                .lines()
                .filter(|l| !l.starts_with(lacking))
                .map(|l| format!("{l}\n"))
                .collect();
            let error = Answer::read(&text, 1).err();
            assert!(matches!(error, Some(AnswerError::Missing { .. })), "{lacking}: {error:?}");
        }
        let two = format!("{whole}{line}");
        assert_eq!(Answer::read(&two, 1).err(), Some(AnswerError::Lines { found: 2, offered: 1 }));
    }
}
