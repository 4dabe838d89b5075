//! Real sockets that take what is sent to them, drained beside the measurement.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::datagrams::{Receiver, Watch, bind, coalesce, stay_on};

/// Whether receivers let the kernel join datagrams: it makes sending to them cheaper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joining {
    /// `UDP_GRO`: a segmented message stays whole on loopback, as on a network card that segments.
    On,
    /// The kernel takes each message apart while sending.
    Off,
}

/// How long nothing arrives after the end.
const LOOK: Duration = Duration::from_millis(100);

/// How long what arrives is let gather, as `conf-load` does: waking the receivers is no part of
/// what sending costs where they are other machines.
const GATHER: Duration = Duration::from_millis(1);

/// Receiving sockets and the thread that drains them.
pub struct Receivers {
    addresses: Vec<SocketAddr>,
    taken: Arc<AtomicU64>,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Receivers {
    /// Binds `count` sockets on loopback and begins to drain them.
    /// They are drained on `core`, if one is named.
    ///
    /// # Errors
    /// When there are no more sockets.
    pub fn start(count: usize, joining: Joining, core: Option<usize>) -> io::Result<Self> {
        let mut sockets = Vec::with_capacity(count);
        for _ in 0..count {
            let socket = bind((Ipv4Addr::LOCALHOST, 0).into())?;
            if joining == Joining::On {
                coalesce(&socket)?;
            }
            sockets.push(socket);
        }
        let addresses = sockets.iter().map(UdpSocket::local_addr).collect::<io::Result<_>>()?;
        let (taken, end) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let counts = (taken.clone(), end.clone());
        let watch = Watch::new(&sockets)?;
        let thread = std::thread::Builder::new().name("receivers".to_owned()).spawn(move || {
            // Where the kernel keeps it elsewhere, so be it: a cost and no error.
            let _ = core.map(stay_on);
            drain(&sockets, watch, &counts.0, &counts.1);
        })?;
        Ok(Self { addresses, taken, end, thread: Some(thread) })
    }

    /// Where to send to, one address a receiver.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Waits for what is still in the sockets and gives how many datagrams arrived.
    #[must_use]
    pub fn finish(mut self) -> u64 {
        self.end.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the draining thread does not fail");
        }
        self.taken.load(Ordering::Acquire)
    }
}

impl Drop for Receivers {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Release);
    }
}

fn drain(sockets: &[UdpSocket], mut watch: Watch, taken: &AtomicU64, end: &AtomicBool) {
    let mut receiver = Receiver::coalesced();
    loop {
        let ending = end.load(Ordering::Acquire);
        std::thread::sleep(GATHER);
        let mut any = false;
        // At the end longer than anything takes that is still on its way.
        for place in watch.wait(if ending { LOOK } else { Duration::ZERO }) {
            while receiver.receive(&sockets[place]).is_ok() {
                any = true;
                taken.fetch_add(receiver.datagrams().count() as u64, Ordering::AcqRel);
            }
        }
        // A whole look without anything after the end: nothing is left.
        if ending && !any {
            return;
        }
    }
}
