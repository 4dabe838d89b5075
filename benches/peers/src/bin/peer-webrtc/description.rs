//! What our own answers say: each line's kind, way, stream and payload types.

use conf_peers::lines::Kind;

/// One line of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) kind: Kind,
    /// We receive on it.
    pub(crate) receives: bool,
    /// The stream we send on it.
    pub(crate) ssrc: Option<u32>,
    /// Payload type and codec name in capitals.
    pub(crate) types: Vec<(u8, String)>,
}

/// The audio and video lines of a description, in order.
pub(crate) fn sections(sdp: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in sdp.lines().map(str::trim_end) {
        if let Some(media) = line.strip_prefix("m=") {
            let kind = match media.split_ascii_whitespace().next() {
                Some("audio") => Kind::Audio,
                Some("video") => Kind::Video,
                // Data and what else there may be: nothing to forward, but a line.
                _ => continue,
            };
            sections.push(Section { kind, receives: false, ssrc: None, types: Vec::new() });
            continue;
        }
        let Some(section) = sections.last_mut() else { continue };
        match line {
            "a=recvonly" | "a=sendrecv" => section.receives = true,
            _ => {}
        }
        let first = |name: &str| -> Option<(u32, &str)> {
            let (number, rest) = line.strip_prefix(name)?.split_once(' ')?;
            Some((number.parse().ok()?, rest))
        };
        if let Some((pt, codec)) = first("a=rtpmap:") {
            let name = codec.split('/').next().unwrap_or_default().to_ascii_uppercase();
            section.types.extend(u8::try_from(pt).ok().map(|pt| (pt, name)));
        }
        if let Some((ssrc, _)) = first("a=ssrc:") {
            section.ssrc.get_or_insert(ssrc);
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_in_order() {
        let sdp = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n\
                   a=sendonly\r\na=ssrc:7 cname:x\r\na=ssrc:8 cname:x\r\n\
                   m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\na=recvonly\r\n";
        let audio = Section {
            kind: Kind::Audio,
            receives: false,
            ssrc: Some(7),
            types: vec![(111, "OPUS".to_owned())],
        };
        let video = Section {
            kind: Kind::Video,
            receives: true,
            ssrc: None,
            types: vec![(96, "VP8".to_owned())],
        };
        assert_eq!(sections(sdp), [audio, video]);
    }
}
