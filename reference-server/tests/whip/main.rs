//! WHIP and WHEP over real sockets, with peers of two WebRTC stacks the server does not contain.

#![allow(unreachable_pub, reason = "everything here is one test binary")]

mod ask;
mod crowd;
mod meeting;
mod open;
mod peer;
mod restart;
mod stream;
