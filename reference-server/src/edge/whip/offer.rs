//! What an offer without a session is for, as its lines say.

use std::collections::BTreeMap;

use conf_core::Source;
use conf_proto::Problem;

use crate::room::ask::offer_refused;

/// Which of our sources each sending line carries, by its `a=mid`: the microphone the one of
/// sound, the camera the one of pictures. A stream has at most one of each (RFC 9725, section
/// 4.4.2).
///
/// # Errors
/// When there is none, or more than one of a kind.
pub(super) fn sent(sdp: &str) -> Result<BTreeMap<String, Source>, Problem> {
    let mut sources: BTreeMap<String, Source> = BTreeMap::new();
    for line in lines(sdp).filter(|line| line.direction == Direction::Sends) {
        let source = match line.kind {
            "audio" => Source::Microphone,
            "video" => Source::Camera,
            _ => continue,
        };
        if sources.values().any(|known| *known == source) {
            let detail = format!("more than one sending {} line, at most one is taken", line.kind);
            return Err(offer_refused(detail));
        }
        sources.insert(line.mid.to_owned(), source);
    }
    if sources.is_empty() {
        return Err(offer_refused("no sendonly audio or video line, expected at least one"));
    }
    Ok(sources)
}

/// Checks that an offer has lines to play on.
///
/// # Errors
/// When it has none.
pub(super) fn check_received(sdp: &str) -> Result<(), Problem> {
    let media = |kind| matches!(kind, "audio" | "video");
    if lines(sdp).any(|line| line.direction == Direction::Receives && media(line.kind)) {
        return Ok(());
    }
    Err(offer_refused("no recvonly audio or video line, expected at least one"))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Sends,
    Receives,
    Neither,
}

struct Line<'a> {
    kind: &'a str,
    mid: &'a str,
    direction: Direction,
}

/// Every m-line. A port of 0 does not tell refused ones: those of a bundle have it too (RFC 9143,
/// section 6), and a stopped one is inactive.
fn lines(sdp: &str) -> impl Iterator<Item = Line<'_>> {
    let mut found: Vec<Line<'_>> = Vec::new();
    for line in sdp.lines() {
        let line = line.trim_end();
        if let Some(media) = line.strip_prefix("m=") {
            let kind = media.split(' ').next().unwrap_or_default();
            found.push(Line { kind, mid: "", direction: Direction::Neither });
        } else if let Some(last) = found.last_mut() {
            match line {
                "a=sendonly" | "a=sendrecv" => last.direction = Direction::Sends,
                "a=recvonly" => last.direction = Direction::Receives,
                "a=inactive" => last.direction = Direction::Neither,
                _ => {
                    if let Some(mid) = line.strip_prefix("a=mid:") {
                        last.mid = mid.trim();
                    }
                }
            }
        }
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:a\r\na=sendonly\r\n\
                        m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=sendrecv\r\na=mid:v\r\n";

    #[test]
    fn sound_is_a_microphone_and_a_picture_a_camera() {
        let sources = sent(BOTH).expect("two lines");
        assert_eq!(sources.get("a"), Some(&Source::Microphone));
        assert_eq!(sources.get("v"), Some(&Source::Camera));
        assert_eq!(check_received(BOTH).expect_err("nothing to play on").code, "offer_refused");
    }

    #[test]
    fn two_pictures_or_nothing_at_all_are_refused() {
        let twice = format!("{BOTH}m=video 9 X 96\r\na=mid:w\r\na=sendonly\r\n");
        assert!(sent(&twice).is_err());
        let played = BOTH.replace("sendonly", "recvonly").replace("sendrecv", "inactive");
        assert!(sent(&played).is_err());
        assert!(check_received(&played).is_ok());
        assert!(sent("").is_err() && check_received("m=").is_err());
    }
}
