//! The workloads the benches share: what a typical source sends.

pub mod media;
