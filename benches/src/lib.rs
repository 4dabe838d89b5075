//! The workloads of the benches: each is defined once, timed by criterion for people and counted
//! in instructions by `cargo xtask icount`.

pub mod media;
pub mod room;
pub mod workload;

mod crypto;
mod datagram;
mod feedback;
mod meeting;
mod numbers;
mod payload;
mod repair;
mod seats;
mod switch;
