//! `peer-str0m`: the smallest honest SFU on `str0m`, to compare with.
//!
//! What is on, as the library ships it: RTP mode; NACK and RTX both ways with its default caches;
//! sender and receiver reports; transport-wide feedback both ways; its bandwidth estimator, told
//! each second what is wanted, with probes; its pacer (`--no-estimation` turns these two off);
//! keyframe requests forwarded; AES-GCM by aws-lc-rs; ICE-lite.
//!
//! What is ours, to give it the best conditions we know: one thread with one UDP socket for all
//! media and no locks; `recvmmsg` until the socket is empty; then, for each receiver, all packets
//! of that batch at once, so that what goes to one address leaves as one `UDP_SEGMENT` message and
//! many messages as one `sendmmsg`, without a copy of ours (payloads are shared by the library's
//! reference count, its send buffers are given to the kernel as they are). Signalling is a thread
//! of its own.
//!
//! What it lacks beside `conf-server`: everything about meetings, choice of layers (of simulcast
//! the last layer named is forwarded), ICE-TCP.
#![forbid(unsafe_code)]

mod forward;
mod session;
mod sfu;

use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use anyhow::Context as _;
use conf_floor::datagrams::bind;
use conf_peers::options::{Options, ready};
use conf_peers::whip::{Command, serve};

use crate::sfu::Sfu;

/// Commands that may wait for the media thread: as many as join at once.
const WAITING: usize = 1024;

fn main() -> anyhow::Result<()> {
    let options = Options::read()?;
    let http = TcpListener::bind(options.listen).context("the signalling's address")?;
    http.set_nonblocking(true)?;
    let socket = bind(options.media_listen).context("the media's address")?;
    let (http_address, media_address) = (http.local_addr()?, socket.local_addr()?);

    let (commands, inbox) = sync_channel::<Command>(WAITING);
    let (wake, woken) = UnixStream::pair()?;
    wake.set_nonblocking(true)?;
    woken.set_nonblocking(true)?;
    let estimation = !options.no_estimation;
    let media = std::thread::Builder::new()
        .name("media".to_owned())
        .spawn(move || Sfu::new(socket, media_address, estimation).run(&inbox, woken))?;

    let hand = move |command| {
        let taken = commands.try_send(command).is_ok();
        // A full pipe means that the media thread is about to wake anyway.
        let _ = (&wake).write(&[1]);
        taken
    };
    let signalling = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    signalling.block_on(async {
        let listener = tokio::net::TcpListener::from_std(http)?;
        ready(http_address, media_address)?;
        serve(listener, Arc::new(hand)).await
    })?;
    media.join().map_err(|_| anyhow::anyhow!("the media thread failed"))?;
    Ok(())
}
