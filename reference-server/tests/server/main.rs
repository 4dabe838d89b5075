//! Whole-server stories: a real server on free ports, spoken to over its sockets.
#![forbid(unsafe_code)]
#![allow(unreachable_pub, reason = "everything here is one test binary")]

mod access;
mod anonymous;
mod attendance;
mod bounds;
mod breakout;
mod captions;
mod chat;
mod client;
mod desk;
mod files;
mod files_disk;
mod flood;
mod host;
mod learning;
mod lobby;
mod media;
mod meeting;
mod minutes;
mod people;
mod poll;
mod process;
mod protocol;
mod quiz;
mod reports;
mod restart;
mod rights;
mod secret_vote;
#[path = "../small_disk/mod.rs"]
mod small_disk;
mod storage;
mod text_poll;
mod tools;
