//! Who sends what to whom for how long: the table of named workloads.

use std::time::Duration;

use crate::synthetic::CameraPlan;

/// A load with a name.
#[derive(Debug, Clone)]
pub struct Workload {
    /// What it is called.
    pub name: &'static str,
    /// What it shows, in a sentence.
    pub about: &'static str,
    /// Rooms.
    pub rooms: u32,
    /// People per room who send.
    pub publishers: u32,
    /// Whether those who send receive too.
    pub publishers_watch: bool,
    /// People per room who only receive.
    pub viewers: u32,
    /// What each who sends sends.
    pub camera: Option<Camera>,
    /// Whether each who sends has a microphone.
    pub microphone: bool,
    /// The most lines a receiver offers for video and for sound; one for each other sender below.
    pub most_slots: (u16, u16),
    /// How long is counted.
    pub seconds: u64,
    /// What is done while counting.
    pub course: Course,
    /// What `--scale` multiplies.
    pub scaled: Scaled,
}

/// A camera or screen of one layer, or of three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Camera {
    /// Bitrate in kbit/s, all layers together.
    pub kbps: u32,
    /// Frames a second.
    pub fps: u32,
    /// Whether there are three layers.
    pub simulcast: bool,
}

impl Camera {
    /// As the synthetic devices take it.
    #[must_use]
    pub fn plan(self) -> CameraPlan {
        if self.simulcast {
            CameraPlan::simulcast(self.kbps, self.fps)
        } else {
            CameraPlan::single(self.kbps, self.fps)
        }
    }
}

/// What is done while counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// Nothing: everyone stays.
    Steady,
    /// So many more viewers join the first room, evenly within a time; they leave at the end.
    Joins {
        /// How many.
        joins: u32,
        /// Within what time.
        within: Duration,
    },
    /// Viewers drop so many of a million packets and ask for them again.
    Lossy {
        /// How many.
        ppm: u32,
    },
    /// Everyone is connected, nobody sends.
    Muted,
    /// One speaks at a time; the next one takes over after this time.
    Rotation {
        /// How long one speaks.
        every: Duration,
    },
    /// Meetings are recorded.
    Recorded,
}

/// What `--scale` multiplies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scaled {
    /// Those who send.
    Publishers,
    /// Those who only receive.
    Viewers,
    /// Rooms.
    Rooms,
}

const HD: Camera = Camera { kbps: 1500, fps: 30, simulcast: false };
const ALL: (u16, u16) = (u16::MAX, u16::MAX);

const PLAIN: Workload = Workload {
    name: "",
    about: "",
    rooms: 1,
    publishers: 1,
    publishers_watch: false,
    viewers: 0,
    camera: Some(HD),
    microphone: true,
    most_slots: ALL,
    seconds: 20,
    course: Course::Steady,
    scaled: Scaled::Viewers,
};

/// All there are, in the order they are listed.
pub const WORKLOADS: [Workload; 12] = [
    Workload {
        name: "meeting",
        about: "30 people, everyone sends video and sound to everyone",
        publishers: 30,
        publishers_watch: true,
        scaled: Scaled::Publishers,
        ..PLAIN
    },
    Workload { name: "lecture", about: "one sends video and sound to 200", viewers: 200, ..PLAIN },
    Workload {
        name: "webinar",
        about: "one sends video and sound to 1000",
        viewers: 1000,
        ..PLAIN
    },
    Workload {
        name: "audio-room",
        about: "ten speakers are heard by 500, without video",
        publishers: 10,
        viewers: 500,
        camera: None,
        ..PLAIN
    },
    Workload {
        name: "small-rooms",
        about: "ten rooms of one who sends and 20 who receive",
        rooms: 10,
        viewers: 20,
        scaled: Scaled::Rooms,
        ..PLAIN
    },
    Workload {
        name: "churn",
        about: "200 join within 10 s a room where four send and 20 receive",
        publishers: 4,
        viewers: 20,
        camera: Some(Camera { kbps: 300, fps: 15, simulcast: false }),
        course: Course::Joins { joins: 200, within: Duration::from_secs(10) },
        ..PLAIN
    },
    Workload {
        name: "lossy",
        about: "one sends video to 50 who lose 2 % of it and ask again",
        viewers: 50,
        microphone: false,
        course: Course::Lossy { ppm: 20_000 },
        ..PLAIN
    },
    Workload {
        name: "simulcast-mix",
        about: "six send three layers each to 30 with four places for video",
        publishers: 6,
        viewers: 30,
        camera: Some(Camera { kbps: 1800, fps: 25, simulcast: true }),
        most_slots: (4, u16::MAX),
        ..PLAIN
    },
    Workload {
        name: "screen-share",
        about: "one shows a screen, few large frames, to 50",
        viewers: 50,
        camera: Some(Camera { kbps: 2500, fps: 5, simulcast: false }),
        ..PLAIN
    },
    Workload {
        name: "all-muted",
        about: "100 people are connected and nobody sends",
        publishers: 100,
        publishers_watch: true,
        most_slots: (9, 4),
        course: Course::Muted,
        scaled: Scaled::Publishers,
        ..PLAIN
    },
    Workload {
        name: "speaker-rotation",
        about: "50 microphones are open, the speaker changes every 2 s, four are heard",
        publishers: 50,
        publishers_watch: true,
        camera: None,
        most_slots: (0, 4),
        course: Course::Rotation { every: Duration::from_secs(2) },
        scaled: Scaled::Publishers,
        ..PLAIN
    },
    Workload {
        name: "recorder-on",
        about: "a meeting of ten is recorded",
        publishers: 10,
        publishers_watch: true,
        course: Course::Recorded,
        scaled: Scaled::Publishers,
        ..PLAIN
    },
];

impl Workload {
    /// The workload of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        WORKLOADS.iter().find(|workload| workload.name == name).cloned()
    }

    /// The same with `factor` times as many of what is scaled, at least one.
    #[must_use]
    pub fn scale(mut self, factor: f64) -> Self {
        let place = match self.scaled {
            Scaled::Publishers => &mut self.publishers,
            Scaled::Viewers => &mut self.viewers,
            Scaled::Rooms => &mut self.rooms,
        };
        // Counts of people are small: the product fits, and a cast of what does not saturates.
        *place = ((f64::from(*place) * factor).round() as u32).max(1);
        self
    }

    /// People in all rooms at the start.
    #[must_use]
    pub fn people(&self) -> u32 {
        self.rooms * (self.publishers + self.viewers)
    }

    /// Lines for video and sound that a receiver offers, who sees so many senders.
    #[must_use]
    pub fn slots(&self, senders: u32) -> (u16, u16) {
        let senders = u16::try_from(senders).unwrap_or(u16::MAX);
        let video = if self.camera.is_some() { senders.min(self.most_slots.0) } else { 0 };
        let sound = if self.microphone { senders.min(self.most_slots.1) } else { 0 };
        (video, sound)
    }

    /// Whether every packet of every sender reaches every receiver.
    #[must_use]
    pub fn reaches_all(&self) -> bool {
        let simulcast = self.camera.is_some_and(|camera| camera.simulcast);
        let (video, sound) = self.slots(self.publishers);
        let all = |slots: u16, there: bool| !there || u32::from(slots) >= self.publishers;
        !simulcast && all(video, self.camera.is_some()) && all(sound, self.microphone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for workload in &WORKLOADS {
            let same = WORKLOADS.iter().filter(|other| other.name == workload.name);
            assert_eq!(same.count(), 1);
            assert!(Workload::named(workload.name).is_some() && !workload.about.is_empty());
        }
        assert!(Workload::named("").is_none());
    }

    #[test]
    fn a_scale_touches_one_number_and_never_empties_it() {
        let lecture = Workload::named("lecture").unwrap();
        assert_eq!(lecture.clone().scale(0.25).people(), 51);
        assert_eq!(lecture.clone().scale(0.0).people(), 2);
        assert_eq!(Workload::named("small-rooms").unwrap().scale(0.5).people(), 105);
        assert_eq!(Workload::named("meeting").unwrap().scale(0.5).people(), 15);
        assert_eq!(lecture.slots(1), (1, 1));
        assert!(lecture.reaches_all());
        assert!(!Workload::named("speaker-rotation").unwrap().reaches_all());
        assert!(!Workload::named("simulcast-mix").unwrap().reaches_all());
    }
}
