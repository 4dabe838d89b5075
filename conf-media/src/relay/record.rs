//! What shards tell each other, and how it is laid down in bytes (little endian).
//!
//! Both ends are one build of this crate in one process: there is no version. A record that
//! cannot be read is a bug, and is counted.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::ring::PREFIX;
use crate::{
    EndpointId, GroupId, MediaKind, TrackId,
    rtp::{AudioLevel, Codec},
    shard::{Route, Transport},
};

/// One record. Times are nanoseconds since the beginning that all shards share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    /// Everything the writer told before is void; it wants to be told everything anew.
    Begin,
    /// A datagram that reached the wrong shard.
    Datagram { source: Route, arrived: u64, bytes: &'a [u8] },
    /// Datagrams of one size for a stream, whose socket the reader has.
    Stream { destination: Route, segment: u16, bytes: &'a [u8] },
    /// An endpoint of the writer's has proven to be at the end of this route.
    Mine { route: Route },
    /// None is any longer.
    NotMine { route: Route },
    /// The writer has endpoints of this group, since that time.
    Member { group: GroupId, since: u64 },
    /// It has none any longer.
    Left { group: GroupId },
    /// Tracks of this group that were told before are void; those that are follow.
    Anew { group: GroupId },
    /// A track of the writer's.
    Track(Told),
    /// It is gone.
    Gone { track: TrackId },
    /// It was opened or closed.
    Gate { track: TrackId, open: bool },
    /// An encoding is sent from another SSRC from now on.
    Restart { track: TrackId, encoding: u8 },
    /// A packet of an open track: its header without extensions, written apart from the payload
    /// and read as one with it.
    Packet { track: TrackId, encoding: u8, facts: PacketNote, header: &'a [u8], bytes: &'a [u8] },
    /// How an encoding's timestamps lie: a pair of its sender report, and how far the
    /// publisher's wall clock is behind ours.
    Clock { track: TrackId, encoding: u8, ntp: u64, rtp: u32, offset: i64 },
    /// Somebody at the writer's cannot go on without a keyframe.
    Keyframe { track: TrackId, encoding: u8 },
    /// Which encodings feed anybody at the writer's, and which would, one bit each.
    Interest { track: TrackId, interest: Interest },
}

/// What is told of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) track: TrackId,
    pub(crate) group: GroupId,
    pub(crate) endpoint: EndpointId,
    pub(crate) kind: MediaKind,
    pub(crate) camera: bool,
    pub(crate) interpreter: bool,
    pub(crate) codec: Codec,
    pub(crate) encodings: u8,
    pub(crate) open: bool,
}

/// What is told of a packet beside its header and payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PacketNote {
    pub(crate) arrived: u64,
    pub(crate) codec: Codec,
    pub(crate) repair: bool,
    pub(crate) level: Option<AudioLevel>,
}

/// Encodings, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interest {
    /// Somebody is fed from it or waits for it.
    pub(crate) watched: u8,
    /// Somebody would be if it were sent.
    pub(crate) needed: u8,
}

/// Bytes of the longest record without its body: a handed-over datagram's.
const HEAD: usize = 64;

/// A record's fixed part, with room for the length before it.
pub(super) struct Head {
    bytes: [u8; HEAD],
    len: usize,
}

impl Head {
    fn new(kind: u8) -> Self {
        let mut bytes = [0; HEAD];
        bytes[PREFIX] = kind;
        Self { bytes, len: PREFIX + 1 }
    }

    fn put(mut self, bytes: &[u8]) -> Self {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
        self
    }

    fn byte(self, byte: u8) -> Self {
        self.put(&[byte])
    }

    fn number(self, number: u64) -> Self {
        self.put(&number.to_le_bytes())
    }

    fn route(self, route: &Route) -> Self {
        let family = |ip: IpAddr| (u8::from(ip.is_ipv4()), as_v6(ip).octets());
        let (remote_v4, remote) = family(route.remote.ip());
        let (local_v4, local) = route.local.map_or((2, [0; 16]), family);
        self.byte(u8::from(route.transport == Transport::Tcp))
            .byte(remote_v4)
            .put(&remote)
            .put(&route.remote.port().to_le_bytes())
            .byte(local_v4)
            .put(&local)
    }

    /// Bytes it takes in a ring.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The record up to its body, which has so many bytes.
    pub(super) fn framed(&self, body: usize) -> Framed {
        let mut bytes = self.bytes;
        let len = (self.len - PREFIX + body) as u32;
        bytes[..PREFIX].copy_from_slice(&len.to_le_bytes());
        Framed { bytes, len: self.len }
    }
}

/// A head with its length.
pub(super) struct Framed {
    bytes: [u8; HEAD],
    len: usize,
}

impl std::ops::Deref for Framed {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl<'a> Record<'a> {
    /// Its fixed part.
    pub(super) fn head(&self) -> Head {
        match *self {
            Self::Begin => Head::new(0),
            Self::Datagram { source, arrived, .. } => Head::new(1).route(&source).number(arrived),
            Self::Stream { destination, segment, .. } => {
                Head::new(2).route(&destination).put(&segment.to_le_bytes())
            }
            Self::Mine { route } => Head::new(3).route(&route),
            Self::NotMine { route } => Head::new(4).route(&route),
            Self::Member { group, since } => Head::new(5).number(group.0).number(since),
            Self::Left { group } => Head::new(6).number(group.0),
            Self::Anew { group } => Head::new(7).number(group.0),
            Self::Track(told) => {
                let flags = u8::from(told.kind == MediaKind::Video)
                    | u8::from(told.camera) << 1
                    | u8::from(told.open) << 2
                    | u8::from(told.interpreter) << 3;
                Head::new(8)
                    .number(told.track.0)
                    .number(told.group.0)
                    .number(told.endpoint.0)
                    .put(&[flags, codec_number(told.codec), told.encodings])
            }
            Self::Gone { track } => Head::new(9).number(track.0),
            // The kind last, so that all of a track's records begin alike.
            Self::Gate { track, open } => Head::new(10).number(track.0).byte(open.into()),
            Self::Restart { track, encoding } => Head::new(11).number(track.0).byte(encoding),
            Self::Packet { track, encoding, facts, header, .. } => {
                let PacketNote { arrived, codec, repair, level } = facts;
                let flags = u8::from(repair) | u8::from(level.is_some()) << 1;
                let level = level.map_or(0, AudioLevel::to_byte);
                Head::new(12)
                    .number(track.0)
                    .byte(encoding)
                    .number(arrived)
                    .put(&[codec_number(codec), flags, level])
                    .put(header)
            }
            Self::Clock { track, encoding, ntp, rtp, offset } => Head::new(13)
                .number(track.0)
                .byte(encoding)
                .number(ntp)
                .put(&rtp.to_le_bytes())
                .put(&offset.to_le_bytes()),
            Self::Keyframe { track, encoding } => Head::new(14).number(track.0).byte(encoding),
            Self::Interest { track, interest } => {
                Head::new(15).number(track.0).put(&[interest.watched, interest.needed])
            }
        }
    }

    /// What follows it.
    pub(super) fn body(&self) -> &'a [u8] {
        match *self {
            Self::Datagram { bytes, .. }
            | Self::Stream { bytes, .. }
            | Self::Packet { bytes, .. } => bytes,
            _ => &[],
        }
    }

    /// Reads a record.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut at = Walk(bytes);
        let track = |at: &mut Walk<'_>| at.number().map(TrackId);
        let group = |at: &mut Walk<'_>| at.number().map(GroupId);
        Some(match at.byte()? {
            0 => Self::Begin,
            1 => Self::Datagram { source: at.route()?, arrived: at.number()?, bytes: at.0 },
            2 => Self::Stream {
                destination: at.route()?,
                segment: u16::from_le_bytes(at.take()?),
                bytes: at.0,
            },
            3 => Self::Mine { route: at.route()? },
            4 => Self::NotMine { route: at.route()? },
            5 => Self::Member { group: group(&mut at)?, since: at.number()? },
            6 => Self::Left { group: group(&mut at)? },
            7 => Self::Anew { group: group(&mut at)? },
            8 => {
                let (track, group) = (track(&mut at)?, group(&mut at)?);
                let endpoint = EndpointId(at.number()?);
                let flags = at.byte()?;
                let kind = if flags & 1 == 0 { MediaKind::Audio } else { MediaKind::Video };
                Self::Track(Told {
                    track,
                    group,
                    endpoint,
                    kind,
                    camera: flags & 2 != 0,
                    interpreter: flags & 8 != 0,
                    codec: codec_of(at.byte()?)?,
                    encodings: at.byte()?,
                    open: flags & 4 != 0,
                })
            }
            9 => Self::Gone { track: track(&mut at)? },
            10 => Self::Gate { track: track(&mut at)?, open: at.byte()? != 0 },
            11 => Self::Restart { track: track(&mut at)?, encoding: at.byte()? },
            12 => {
                let (track, encoding) = (track(&mut at)?, at.byte()?);
                let (arrived, codec) = (at.number()?, codec_of(at.byte()?)?);
                let [flags, level] = at.take()?;
                let level = (flags & 2 != 0).then(|| AudioLevel::from_byte(level));
                let facts = PacketNote { arrived, codec, repair: flags & 1 != 0, level };
                Self::Packet { track, encoding, facts, header: &[], bytes: at.0 }
            }
            13 => Self::Clock {
                track: track(&mut at)?,
                encoding: at.byte()?,
                ntp: at.number()?,
                rtp: u32::from_le_bytes(at.take()?),
                offset: i64::from_le_bytes(at.take()?),
            },
            14 => Self::Keyframe { track: track(&mut at)?, encoding: at.byte()? },
            15 => {
                let track = track(&mut at)?;
                let [watched, needed] = at.take()?;
                Self::Interest { track, interest: Interest { watched, needed } }
            }
            _ => return None,
        })
    }
}

/// The rest of a record.
struct Walk<'a>(&'a [u8]);

impl Walk<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn route(&mut self) -> Option<Route> {
        let transport = if self.byte()? == 0 { Transport::Udp } else { Transport::Tcp };
        let (v4, ip) = (self.byte()?, self.take()?);
        let remote = SocketAddr::new(as_written(v4, ip), u16::from_le_bytes(self.take()?));
        let (v4, ip) = (self.byte()?, self.take()?);
        let local = (v4 < 2).then(|| as_written(v4, ip));
        Some(Route { transport, local, remote })
    }
}

fn as_v6(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    }
}

fn as_written(v4: u8, ip: [u8; 16]) -> IpAddr {
    let ip = Ipv6Addr::from(ip);
    match ip.to_ipv4_mapped().filter(|_| v4 == 1) {
        Some(ip) => ip.into(),
        None => ip.into(),
    }
}

const CODECS: [Codec; 6] =
    [Codec::Opus, Codec::Red, Codec::Vp8, Codec::H264, Codec::Vp9, Codec::Av1];

fn codec_number(codec: Codec) -> u8 {
    // A codec missing in the list would be read as nothing and counted.
    CODECS.iter().position(|known| *known == codec).map_or(u8::MAX, |at| at as u8)
}

fn codec_of(number: u8) -> Option<Codec> {
    CODECS.get(usize::from(number)).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_record_is_read_as_it_was_written() {
        let remote = |text: &str| text.parse::<SocketAddr>().unwrap();
        let routes = [
            Route::udp(remote("192.0.2.1:9")),
            Route { local: Some([10, 0, 0, 1].into()), ..Route::tcp(remote("[2001:db8::1]:10")) },
            Route {
                local: Some("2001:db8::2".parse().unwrap()),
                ..Route::udp(remote("[2001:db8::1]:10"))
            },
        ];
        let (track, group, bytes) = (TrackId(u64::MAX), GroupId(3), &b"payload"[..]);
        let told = Told {
            track,
            group,
            endpoint: EndpointId(9),
            kind: MediaKind::Video,
            camera: true,
            interpreter: true,
            codec: Codec::Av1,
            encodings: 3,
            open: true,
        };
        let note = PacketNote { arrived: 7, codec: Codec::Red, repair: true, level: None };
        let level = Some(AudioLevel { below_full_db: 33, voice: true });
        let mut records = vec![
            Record::Begin,
            Record::Member { group, since: 5 },
            Record::Left { group },
            Record::Anew { group },
            Record::Track(told),
            Record::Track(Told { kind: MediaKind::Audio, camera: false, open: false, ..told }),
            Record::Track(Told { interpreter: false, ..told }),
            Record::Gone { track },
            Record::Gate { track, open: true },
            Record::Restart { track, encoding: 2 },
            Record::Packet { track, encoding: 1, facts: note, header: &[], bytes },
            Record::Packet {
                track,
                encoding: 1,
                facts: PacketNote { level, ..note },
                header: &[],
                bytes,
            },
            Record::Clock { track, encoding: 1, ntp: 1 << 63, rtp: 9, offset: -5 },
            Record::Keyframe { track, encoding: 3 },
            Record::Interest { track, interest: Interest { watched: 5, needed: 7 } },
        ];
        for source in routes {
            records.push(Record::Datagram { source, arrived: 1 << 40, bytes });
            records.push(Record::Stream { destination: source, segment: 1_200, bytes });
            records.push(Record::Mine { route: source });
            records.push(Record::NotMine { route: source });
        }
        for record in records {
            let framed = record.head().framed(record.body().len());
            let written = [&framed[PREFIX..], record.body()].concat();
            assert_eq!(u32::from_le_bytes(framed[..PREFIX].try_into().unwrap()) as usize, {
                written.len()
            });
            assert_eq!(Record::read(&written), Some(record));
        }
    }

    #[test]
    fn a_header_is_read_as_one_with_its_payload() {
        let facts = PacketNote { arrived: 7, codec: Codec::Vp8, repair: false, level: None };
        let (track, encoding) = (TrackId(1), 0);
        let record =
            Record::Packet { track, encoding, facts, header: b"header", bytes: b" and payload" };
        let framed = record.head().framed(record.body().len());
        let written = [&framed[PREFIX..], record.body()].concat();
        let bytes = &b"header and payload"[..];
        let read = Record::Packet { track, encoding, facts, header: &[], bytes };
        assert_eq!(Record::read(&written), Some(read));
    }

    #[test]
    fn every_codec_can_be_told() {
        for codec in Codec::VIDEO.into_iter().chain([Codec::Opus, Codec::Red]) {
            assert_eq!(codec_of(codec_number(codec)), Some(codec));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_can_hurt(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Record::read(&bytes);
        }
    }
}
