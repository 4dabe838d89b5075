//! One peer: its handshakes, keys, sending lines and slots.

pub mod answer;
pub mod demux;
pub mod dtls;
pub mod ice;
pub mod srtp;
pub mod stun;
