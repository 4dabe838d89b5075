//! Which track and encoding an SSRC carries: told by header extensions, then remembered.

use super::answer::{Codec, CodecName, SendLine};
use crate::rtp::{ExtensionIds, Extensions};

/// What packets of one SSRC are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carried {
    /// The track's index in its shard.
    pub(crate) track: u32,
    /// Which of its encodings.
    pub(crate) encoding: u8,
    /// Packets repeat others (RFC 4588) instead of being media.
    pub(crate) repairs: bool,
}

/// One line the peer sends on.
#[derive(Debug)]
pub(crate) struct SendingLine {
    pub(crate) mid: String,
    pub(crate) codecs: Vec<Codec>,
    pub(crate) rids: Vec<String>,
    /// None: answered, but the offerer named no track for it.
    pub(crate) track: Option<u32>,
}

/// What a packet's payload type says on its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PayloadType {
    Media(CodecName),
    /// Repairs packets of this payload type.
    Repair(u8),
}

/// All lines a peer sends on and every SSRC seen on them.
#[derive(Debug, Default)]
pub(crate) struct SendingLines {
    lines: Vec<SendingLine>,
    /// One set for all lines: a bundle gives each extension one id (RFC 8843, section 9).
    ids: ExtensionIds,
    known: Vec<(u32, Carried)>,
}

impl SendingLines {
    /// Adds the negotiated lines that are not known yet. `track` finds the track of a mid.
    pub(crate) fn extend<'a>(
        &mut self,
        lines: impl Iterator<Item = &'a SendLine>,
        mut track: impl FnMut(&str) -> Option<u32>,
    ) {
        for line in lines {
            let ids = &line.extensions;
            self.ids = ExtensionIds {
                mid: self.ids.mid.or(ids.mid),
                rid: self.ids.rid.or(ids.rid),
                rrid: self.ids.rrid.or(ids.rrid),
                audio_level: self.ids.audio_level.or(ids.audio_level),
                transport_cc: self.ids.transport_cc.or(ids.transport_cc),
            };
            let carries = track(&line.mid);
            if let Some(old) = self.lines.iter_mut().find(|old| old.mid == line.mid) {
                old.track = old.track.or(carries);
                old.codecs.clone_from(&line.codecs);
            } else {
                self.lines.push(SendingLine {
                    mid: line.mid.clone(),
                    codecs: line.codecs.clone(),
                    rids: line.rids.clone(),
                    track: carries,
                });
            }
            // Declared numbers tell the encoding only where there is one; simulcast tells by rid.
            if let (Some(track), true) = (carries, line.rids.len() < 2) {
                for declared in &line.ssrcs {
                    self.remember(declared.media, Carried { track, encoding: 0, repairs: false });
                    if let Some(rtx) = declared.rtx {
                        self.remember(rtx, Carried { track, encoding: 0, repairs: true });
                    }
                }
            }
        }
    }

    /// What this SSRC carries, if it is known. Cost: a walk over the few SSRCs of one peer.
    pub(crate) fn find(&self, ssrc: u32) -> Option<Carried> {
        self.known.iter().find(|(known, _)| *known == ssrc).map(|(_, carried)| *carried)
    }

    /// Learns what an SSRC carries from one of its packets; none when the packet does not say
    /// enough, or belongs to a line without a track.
    pub(crate) fn learn(
        &mut self,
        ssrc: u32,
        payload_type: u8,
        extensions: &Extensions<'_>,
        limit: usize,
    ) -> Option<Carried> {
        if self.known.len() >= limit {
            return None;
        }
        let line = match extensions.mid {
            Some(mid) => self.lines.iter().find(|line| line.mid.as_bytes() == mid),
            // Without a mid a payload type still tells the line if only one line has it.
            None => {
                let mut with = self.lines.iter().filter(|line| line.has(payload_type));
                with.next().filter(|_| with.next().is_none())
            }
        }?;
        let track = line.track?;
        let repairs = matches!(line.payload_type(payload_type)?, PayloadType::Repair(_));
        let rid = if repairs { extensions.rrid.or(extensions.rid) } else { extensions.rid };
        let encoding = match rid {
            Some(rid) => line.rids.iter().position(|known| known.as_bytes() == rid)?,
            None if line.rids.len() < 2 => 0,
            None => return None,
        };
        let carried = Carried { track, encoding: u8::try_from(encoding).ok()?, repairs };
        self.remember(ssrc, carried);
        Some(carried)
    }

    /// The header extensions' ids.
    pub(crate) fn ids(&self) -> &ExtensionIds {
        &self.ids
    }

    /// What a payload type is on the line of this track.
    pub(crate) fn payload_type(&self, track: u32, payload_type: u8) -> Option<PayloadType> {
        self.lines.iter().find(|line| line.track == Some(track))?.payload_type(payload_type)
    }

    fn remember(&mut self, ssrc: u32, carried: Carried) {
        match self.known.iter_mut().find(|(known, _)| *known == ssrc) {
            Some(known) => known.1 = carried,
            None => self.known.push((ssrc, carried)),
        }
    }
}

impl SendingLine {
    fn has(&self, payload_type: u8) -> bool {
        self.payload_type(payload_type).is_some()
    }

    fn payload_type(&self, payload_type: u8) -> Option<PayloadType> {
        self.codecs.iter().find_map(|codec| {
            if codec.pt == payload_type {
                Some(PayloadType::Media(codec.name))
            } else if codec.rtx_pt == Some(payload_type) {
                Some(PayloadType::Repair(codec.pt))
            } else {
                None
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MediaKind, endpoint::answer::DeclaredSsrc};

    fn camera(rids: &[&str], ssrcs: Vec<DeclaredSsrc>) -> SendLine {
        SendLine {
            mid: "1".to_owned(),
            kind: MediaKind::Video,
            codecs: vec![Codec { pt: 96, name: CodecName::Vp8, clock: 90_000, rtx_pt: Some(97) }],
            rids: rids.iter().map(|&rid| rid.to_owned()).collect(),
            ssrcs,
            extensions: Default::default(),
        }
    }

    fn lines(line: &SendLine) -> SendingLines {
        let mut lines = SendingLines::default();
        lines.extend(std::iter::once(line), |mid| (mid == "1").then_some(5));
        lines
    }

    #[test]
    fn an_encoding_is_learned_from_its_rid_and_its_repairs_from_theirs() {
        let mut lines = lines(&camera(&["l", "m", "h"], Vec::new()));
        let media = Extensions { mid: Some(b"1"), rid: Some(b"h"), ..Default::default() };
        let carried = Carried { track: 5, encoding: 2, repairs: false };
        assert_eq!(lines.learn(77, 96, &media, 64), Some(carried));
        assert_eq!(lines.find(77), Some(carried));
        let repair = Extensions { mid: Some(b"1"), rrid: Some(b"h"), ..Default::default() };
        assert_eq!(lines.learn(78, 97, &repair, 64), Some(Carried { repairs: true, ..carried }));
        let unknown = Extensions { mid: Some(b"1"), rid: Some(b"x"), ..Default::default() };
        assert_eq!(lines.learn(79, 96, &unknown, 64), None);
        assert_eq!(lines.learn(79, 96, &Extensions::default(), 64), None);
    }

    #[test]
    fn declared_numbers_are_known_from_the_start() {
        let lines = lines(&camera(&[], vec![DeclaredSsrc { media: 1, rtx: Some(2) }]));
        assert_eq!(lines.find(1), Some(Carried { track: 5, encoding: 0, repairs: false }));
        assert_eq!(lines.find(2), Some(Carried { track: 5, encoding: 0, repairs: true }));
        assert_eq!(lines.payload_type(5, 97), Some(PayloadType::Repair(96)));
        assert_eq!(lines.payload_type(5, 98), None);
    }

    #[test]
    fn a_peer_with_too_many_numbers_is_not_learned_from() {
        let mut lines = lines(&camera(&[], Vec::new()));
        assert!(
            (0..100)
                .filter(|&ssrc| lines.learn(ssrc, 96, &Extensions::default(), 64).is_some())
                .count()
                == 64
        );
    }
}
