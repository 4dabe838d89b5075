//! What the sockets and threads counted.

use std::time::Duration;

use crate::stats::Stats;

/// What the sockets counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SocketStats {
    /// Messages given to the kernel; one may carry up to 64 datagrams.
    pub sent_messages: u64,
    /// Datagrams given to the kernel.
    pub sent_datagrams: u64,
    /// Datagrams dropped because the kernel's send queue was full.
    pub dropped_datagrams: u64,
    /// Datagrams the kernel refused: no route, a packet too large.
    pub failed_datagrams: u64,
    /// Messages that had to be sent datagram by datagram after all.
    pub unsegmented_messages: u64,
    /// Received datagrams longer than any we speak.
    pub oversized_datagrams: u64,
    /// Failed receive calls, and failed attempts to accept a connection.
    pub receive_errors: u64,
    /// TCP connections open now.
    pub tcp_connections: u64,
    /// TCP connections refused because too many were open, in all or from one address.
    pub refused_tcp_connections: u64,
    /// TCP connections closed because nobody of ours was at their other end in time.
    pub unproven_tcp_connections: u64,
    /// TCP connections closed because they sent something else than our frames.
    pub malformed_tcp_connections: u64,
    /// TCP connections closed because they were silent.
    pub idle_tcp_connections: u64,
    /// Datagrams dropped because their TCP connection was behind.
    pub dropped_tcp_datagrams: u64,
    /// Messages that brought several datagrams at once.
    pub coalesced_messages: u64,
    /// Times another shard's thread was woken because something was written for it.
    pub wakes: u64,
    /// Shards that panicked and were made anew.
    pub panics: u64,
}

impl SocketStats {
    /// Adds what another thread's sockets counted.
    pub fn add(&mut self, other: &Self) {
        // Named all, so that none is forgotten.
        let Self {
            sent_messages,
            sent_datagrams,
            dropped_datagrams,
            failed_datagrams,
            unsegmented_messages,
            oversized_datagrams,
            receive_errors,
            tcp_connections,
            refused_tcp_connections,
            unproven_tcp_connections,
            malformed_tcp_connections,
            idle_tcp_connections,
            dropped_tcp_datagrams,
            coalesced_messages,
            wakes,
            panics,
        } = other;
        self.sent_messages += sent_messages;
        self.sent_datagrams += sent_datagrams;
        self.dropped_datagrams += dropped_datagrams;
        self.failed_datagrams += failed_datagrams;
        self.unsegmented_messages += unsegmented_messages;
        self.oversized_datagrams += oversized_datagrams;
        self.receive_errors += receive_errors;
        self.tcp_connections += tcp_connections;
        self.refused_tcp_connections += refused_tcp_connections;
        self.unproven_tcp_connections += unproven_tcp_connections;
        self.malformed_tcp_connections += malformed_tcp_connections;
        self.idle_tcp_connections += idle_tcp_connections;
        self.dropped_tcp_datagrams += dropped_tcp_datagrams;
        self.coalesced_messages += coalesced_messages;
        self.wakes += wakes;
        self.panics += panics;
    }
}

/// One shard of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShardReport {
    /// What it counted, as of its latest turn.
    pub stats: Stats,
    /// What its sockets counted.
    pub sockets: SocketStats,
    /// Processor time its thread has taken, in the process and in the kernel; zero once it has
    /// ended.
    pub cpu: Duration,
}
