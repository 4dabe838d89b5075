//! `peer-webrtc`: the smallest honest SFU on `webrtc`, to compare with.
//!
//! What is on, as the library ships it: its default interceptors (NACK both ways, sender and
//! receiver reports, transport-wide feedback to publishers), its own segmentation offload, keyframe
//! requests forwarded, and a multi-threaded runtime. Its congestion control and pacer are no
//! default of the library and are off, which spares it their cost.
//!
//! What is ours: the fewest hops we know. One task for each published track writes every packet to
//! the tracks of all who receive it; payloads are shared by reference count. What the library
//! decides: each connection has a task, a lock and a UDP socket of its own, so `--media-listen`
//! names the address only.
//!
//! It forwards Opus and VP8, as the workloads send them.
#![forbid(unsafe_code)]

mod description;
mod keyframe;
mod line;
mod peer;
mod sfu;

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context as _;
use conf_peers::options::{Options, ready};
use conf_peers::whip::serve;
use tokio::sync::mpsc;

/// Commands that may wait: as many as join at once.
const WAITING: usize = 1024;

fn main() -> anyhow::Result<()> {
    let options = Options::read()?;
    let http = TcpListener::bind(options.listen).context("the signalling's address")?;
    http.set_nonblocking(true)?;
    let address = http.local_addr()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move {
        let (commands, inbox) = mpsc::channel(WAITING);
        tokio::spawn(sfu::Sfu::new(options.media_listen).run(inbox));
        let listener = tokio::net::TcpListener::from_std(http)?;
        ready(address, options.media_listen)?;
        serve(listener, Arc::new(move |command| commands.try_send(command).is_ok())).await
    })?;
    Ok(())
}
