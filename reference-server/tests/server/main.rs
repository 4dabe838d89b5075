//! Whole-server stories: a real server on free ports, spoken to over its sockets.
#![forbid(unsafe_code)]

mod access;
mod client;
mod host;
mod media;
mod meeting;
mod process;
mod protocol;
mod restart;
