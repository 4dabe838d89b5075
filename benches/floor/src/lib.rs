//! The floor: what forwarding a packet trace costs at least, on this machine, at this moment.
//!
//! A server that forwards media must, for every receiver, encrypt every packet with that
//! receiver's key and hand it to the kernel. [`run`](measure::run) does exactly that in real time and
//! nothing else – no parsing, no reports, no repairs, no decisions – and counts the processor time
//! of the one thread that does it. A server's cost per packet divided by this is a ratio that
//! survives a change of machine, which microseconds do not.
//!
//! - [`trace`]: the shape of a workload, given on the command line or read from a `conf-load` report
//! - [`seal`]: RTP packets encrypted as AEAD_AES_256_GCM or 128 (RFC 7714) wants it
//! - [`datagrams`]: runs of equal size to one address as one segmented message (`UDP_SEGMENT`), many
//!   messages as one `sendmmsg`; batched receive. The only `unsafe` code here; the peers that the
//!   server is compared with send through the same functions.
//! - [`receivers`]: real sockets that take what is sent, drained by a thread that is not counted
//! - [`cost`]: processor time of the calling thread

pub mod cost;
pub mod datagrams;
pub mod measure;
pub mod receivers;
pub mod seal;
pub mod trace;
