//! Offers on their way to the media plane and back: what is checked before, who waits for which answer, how long.

use std::collections::BTreeMap;
use std::time::Duration;

use conf_core::id::SessionId;
use conf_core::stage::source::Source;
use conf_media::{EndpointId, MediaKind};
use conf_proto::{Offer, Problem};
use tokio::time::Instant;

/// How long an answer may take. The media plane answers in milliseconds; a
/// session must not hang when it does not.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Largest description taken, in bytes: a Chromium offer of 17 lines has 61 kB.
pub(crate) const MAX_SDP: usize = 200 * 1024;

/// Offers of one meeting that wait for their answer.
#[derive(Default)]
pub(crate) struct Negotiations {
    waiting: BTreeMap<(EndpointId, u32), Waiting>,
}

/// Who waits for an answer.
pub(crate) struct Waiting {
    pub(crate) session: SessionId,
    pub(crate) purpose: Purpose,
    until: Instant,
}

/// What the answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It goes into the welcome.
    Welcome,
    /// It answers an `offer` on a new connection.
    Fresh {
        /// The number of the request.
        re: u32,
    },
    /// It answers whoever has a connection without a session.
    Stream,
    /// It answers an `offer` on the connection there is.
    Further {
        /// The number of the request.
        re: u32,
    },
}

impl Negotiations {
    /// Someone now waits for the answer to offer `number` of `endpoint`.
    pub(crate) fn wait(
        &mut self,
        endpoint: EndpointId,
        number: u32,
        session: SessionId,
        purpose: Purpose,
    ) {
        let until = Instant::now() + ANSWER_WITHIN;
        self.waiting.insert((endpoint, number), Waiting { session, purpose, until });
    }

    /// The answer is here: who waited for it.
    pub(crate) fn answered(&mut self, endpoint: EndpointId, number: u32) -> Option<Waiting> {
        self.waiting.remove(&(endpoint, number))
    }

    /// The next moment somebody has waited too long.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.waiting.values().map(|waiting| waiting.until).min()
    }

    /// Those who have waited too long.
    pub(crate) fn overdue(&mut self, now: Instant) -> Vec<((EndpointId, u32), Waiting)> {
        let late = self.waiting.extract_if(.., |_, waiting| waiting.until <= now);
        late.collect()
    }
}

/// Checks what the media plane cannot know: that each source is on one line, of its own kind.
///
/// Without this a picture could be sent on the line of a microphone, and a
/// closed camera would not stop it.
///
/// # Errors
/// Names the line, what was found and what was expected.
pub(crate) fn check(offer: &Offer) -> Result<(), Problem> {
    if offer.sdp.len() > MAX_SDP {
        let detail = format!("sdp has {} bytes, at most {MAX_SDP} are allowed", offer.sdp.len());
        return Err(refused(detail));
    }
    let lines = lines(&offer.sdp)?;
    let mut seen = Vec::new();
    for (mid, source) in &offer.sources {
        if seen.contains(source) {
            return Err(refused(format!("{source:?} is on two lines, expected one")));
        }
        seen.push(*source);
        let expected = kind_of(*source);
        match lines.get(mid.as_str()) {
            Some(found) if *found == expected => {}
            Some(found) => {
                let detail =
                    format!("{source:?} is on a line of kind {found:?}, expected {expected:?}");
                return Err(refused(detail));
            }
            None => {
                let detail = format!("{source:?} is on a line the sdp does not have");
                return Err(refused(detail));
            }
        }
    }
    Ok(())
}

/// The problem of an offer that got no answer.
pub(crate) fn refused(detail: impl Into<String>) -> Problem {
    Problem::new("offer_refused", detail)
}

fn kind_of(source: Source) -> MediaKind {
    match source {
        Source::Microphone | Source::ScreenAudio => MediaKind::Audio,
        Source::Camera | Source::Screen => MediaKind::Video,
    }
}

/// Every audio and video line by its `a=mid` (RFC 8843, section 15; RFC 8866, section 5.14).
fn lines(sdp: &str) -> Result<BTreeMap<&str, MediaKind>, Problem> {
    let mut lines = BTreeMap::new();
    let mut kind = None;
    for line in sdp.split(['\r', '\n']) {
        if let Some(media) = line.strip_prefix("m=") {
            kind = match media.split(' ').next() {
                Some("audio") => Some(MediaKind::Audio),
                Some("video") => Some(MediaKind::Video),
                _ => None,
            };
        } else if let (Some(mid), Some(kind)) = (line.strip_prefix("a=mid:"), kind)
            && lines.insert(mid.trim(), kind).is_some()
        {
            return Err(refused("two lines of the sdp have the same mid"));
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDP: &str = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\n\
                       m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=sendonly\r\n";

    fn offer(sdp: &str, sources: &[(&str, Source)]) -> Offer {
        let sources = sources.iter().map(|(mid, source)| ((*mid).to_owned(), *source)).collect();
        Offer { number: 1, fresh: true, sdp: sdp.to_owned(), sources }
    }

    #[test]
    fn a_microphone_and_a_camera_on_lines_of_their_kind_pass() {
        let offer = offer(SDP, &[("0", Source::Microphone), ("1", Source::Camera)]);
        assert_eq!(check(&offer), Ok(()));
    }

    #[test]
    fn a_picture_cannot_pose_as_a_microphone() {
        let problem = check(&offer(SDP, &[("1", Source::Microphone)])).expect_err("wrong kind");
        assert_eq!(problem.code, "offer_refused");
        assert!(problem.detail.contains("expected Audio"), "{}", problem.detail);
    }

    #[test]
    fn one_source_on_two_lines_or_on_none_is_refused() {
        let twice = "m=video 9 X 96\r\na=mid:1\r\nm=video 9 X 96\r\na=mid:2\r\n";
        let sources = [("1", Source::Camera), ("2", Source::Camera)];
        assert!(check(&offer(twice, &sources)).is_err());
        assert!(check(&offer(SDP, &[("9", Source::Camera)])).is_err());
        let same = "m=video 9 X 96\r\na=mid:1\r\nm=audio 9 X 96\r\na=mid:1\r\n";
        assert!(check(&offer(same, &[("1", Source::Microphone)])).is_err());
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told() {
        let mut negotiations = Negotiations::default();
        let (endpoint, session) = (EndpointId(1), SessionId::from_number(1));
        negotiations.wait(endpoint, 1, session, Purpose::Welcome);
        negotiations.wait(endpoint, 2, session, Purpose::Further { re: 9 });
        assert!(negotiations.answered(endpoint, 1).is_some());
        let deadline = negotiations.deadline().expect("the second still waits");
        assert!(negotiations.overdue(Instant::now()).is_empty());
        let overdue = negotiations.overdue(deadline);
        assert_eq!(overdue.len(), 1);
        assert_eq!(overdue[0].1.purpose, Purpose::Further { re: 9 });
        assert!(negotiations.deadline().is_none());
    }
}
