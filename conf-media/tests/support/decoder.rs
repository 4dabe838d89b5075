//! What a decoder would show of one slot: frames whose packets and references are there, in order.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use conf_media::rtp::Codec;

use super::{
    Received, World,
    codecs::{Seen, read},
    ms,
    picture::Mark,
};

/// How long a missing packet is waited for until a keyframe is asked for.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two looks at what has arrived.
const LOOK: Duration = Duration::from_millis(20);

/// A frame that was shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    pub at: Instant,
    pub mark: Mark,
    pub key: bool,
}

pub struct Decoder {
    codec: Codec,
    mid: String,
    viewer: usize,
    /// Packets of the viewer that were looked at.
    looked: usize,
    waiting: BTreeMap<u64, (Instant, bool, Seen)>,
    /// The number that is decoded next; none: a keyframe's first.
    next: Option<u64>,
    /// The frame that has begun: its first packet, and its latest one.
    begun: Option<(Seen, Mark)>,
    /// When everything up to the latest packet was there.
    clock: Option<Instant>,
    asked: Option<Instant>,
    pub shown: Vec<Shown>,
    /// Keyframes asked for, because packets did not come at all.
    pub broken: usize,
}

impl Decoder {
    /// A decoder of what a viewer gets in a slot from the beginning.
    pub fn new(codec: Codec, viewer: usize, mid: &str) -> Self {
        Self {
            codec,
            mid: mid.to_owned(),
            viewer,
            looked: 0,
            waiting: BTreeMap::new(),
            next: None,
            begun: None,
            clock: None,
            asked: None,
            shown: Vec::new(),
            broken: 0,
        }
    }

    /// Lets the world run while frames are decoded and keyframes asked for.
    pub fn watch(&mut self, world: &mut World, span: Duration) {
        let end = world.clock.now() + span;
        while world.clock.now() < end {
            world.run_for(LOOK.min(end - world.clock.now()));
            let now = world.clock.now();
            let peer = &mut world.peers[self.viewer];
            for packet in &peer.received[self.looked..] {
                self.take(packet);
            }
            self.looked = peer.received.len();
            self.decode();
            if self.is_stuck(now) && self.asked.is_none_or(|at| now - at >= PATIENCE) {
                self.asked = Some(now);
                self.broken += 1;
                peer.ask_keyframe(&self.mid);
            }
        }
    }

    fn take(&mut self, packet: &Received) {
        if packet.mid == self.mid && self.next.is_none_or(|next| packet.seq >= next) {
            let seen = read(self.codec, &packet.payload);
            self.waiting.entry(packet.seq).or_insert((packet.at, packet.marker, seen));
        }
    }

    /// Decodes what is there in one piece.
    fn decode(&mut self) {
        if self.next.is_none() {
            self.next = self.entry();
        }
        while let Some(next) = self.next
            && let Some((at, marker, seen)) = self.waiting.remove(&next)
        {
            self.next = Some(next + 1);
            self.clock = self.clock.max(Some(at));
            let first = match self.begun {
                None => {
                    assert_eq!(seen.mark.part, 0, "a frame begins with its first packet");
                    seen
                }
                Some((first, latest)) => {
                    assert_eq!(
                        seen.mark,
                        Mark { part: latest.part + 1, ..latest },
                        "no frame is torn"
                    );
                    first
                }
            };
            self.begun = Some((first, seen.mark));
            if marker {
                self.begun = None;
                self.show(first);
            }
        }
    }

    fn show(&mut self, frame: Seen) {
        let mark = frame.mark;
        let before = self.shown.last().map(|shown| shown.mark);
        let follows = |before: Mark| Mark { frame: before.frame + 1, ..before } == mark;
        assert!(
            frame.entry || before.is_some_and(follows),
            "what {mark:?} refers to was not shown: {before:?}"
        );
        let at = self.clock.expect("it has arrived");
        self.shown.push(Shown { at, mark, key: frame.entry });
    }

    /// Where decoding can begin anew: forgets what is before.
    fn entry(&mut self) -> Option<u64> {
        let entry = self.waiting.iter().find(|(_, (.., seen))| seen.entry).map(|(seq, _)| *seq)?;
        self.waiting.retain(|seq, _| *seq >= entry);
        self.begun = None;
        Some(entry)
    }

    /// Whether something was waited for in vain and there is no keyframe behind it.
    fn is_stuck(&mut self, now: Instant) -> bool {
        let oldest = self.waiting.values().map(|(at, ..)| *at).min();
        if oldest.is_none_or(|at| now - at < PATIENCE) {
            return false;
        }
        self.next = self.entry();
        self.decode();
        self.next.is_none()
    }

    /// The fewest frames in any second, and the longest time without one, from then until then.
    pub fn worst(&self, from: Instant, to: Instant) -> (usize, Duration) {
        let within: Vec<_> = self.shown.iter().map(|shown| shown.at).collect();
        let seconds = (0..).map(|n| from + ms(n * 20)).take_while(|at| *at + ms(1_000) <= to);
        let count =
            |at: Instant| within.iter().filter(|t| (at..at + ms(1_000)).contains(*t)).count();
        let inside = within.iter().copied().filter(|at| (from..to).contains(at));
        let ends: Vec<_> = [from].into_iter().chain(inside).chain([to]).collect();
        let pause = ends.windows(2).map(|pair| pair[1] - pair[0]).max();
        (seconds.map(count).min().unwrap_or(0), pause.unwrap_or_default())
    }
}
