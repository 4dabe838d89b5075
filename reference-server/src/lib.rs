//! A thin server around the crates: sockets, stores, outside APIs and the browser client.
#![forbid(unsafe_code)]

pub mod config;
pub mod identity;
pub mod store;
pub mod telemetry;
