//! What things are called: numbers the caller draws, never interchangeable.

use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{:x}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

number!(
    /// One peer: one ICE and DTLS association, its sending lines and its slots.
    EndpointId,
    "ep"
);
number!(
    /// Endpoints that may receive each other's open tracks. What a group stands for is the
    /// caller's matter.
    GroupId,
    "grp"
);
number!(
    /// One published source: a microphone, a camera with all its simulcast encodings, a screen.
    TrackId,
    "trk"
);

/// What a track carries. A closed set: a third kind would change every match on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaKind {
    /// Opus at 48 kHz.
    Audio,
    /// VP8 at 90 kHz, one or several simulcast encodings.
    Video,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_what_it_is() {
        assert_eq!(EndpointId(255).to_string(), "ep_ff");
        assert_eq!(format!("{:?}", TrackId(1)), "trk_1");
    }
}
