//! One peer: its handshakes, keys, sending lines and slots.
