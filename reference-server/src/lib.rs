//! A thin server around the crates: sockets, stores, outside APIs and the browser client.
//!
//! [`Server::start`] runs one in this process; `conf-server serve` is little more.
//!
//! ```no_run
//! use clap::Parser as _;
//! use reference_server::Server;
//! use reference_server::config::{Arguments, Config, Order};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let line = ["conf-server", "serve", "--listen", "127.0.0.1:0", "--data-dir", "lessons"];
//! if let Order::Serve(settings) = Arguments::try_parse_from(line)?.order {
//!     let server = Server::start(Config::load(&settings)?).await?;
//!     println!("open {}", server.url());
//!     server.shutdown().await;
//! }
//! # Ok(())
//! # }
//! ```
#![deny(unsafe_code)]

mod app;
mod ballot;
mod clock;
pub mod config;
mod edge;
mod flag;
pub mod identity;
mod media;
mod memory;
pub mod reports;
mod room;
mod signal;
pub mod store;
pub mod telemetry;
mod tls;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{interval, timeout};

use crate::app::App;
use crate::config::{Config, Transport};
use crate::edge::door::Door;
use crate::identity::key_file::KeyFileError;
use crate::store::StoreError;

/// How long sessions, meetings and requests have to finish at the end.
const DRAIN_WITHIN: Duration = Duration::from_secs(2);

/// How often journals past their retention are looked for.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// Bytes of a socket the kernel takes before they can be sent. Small, so that a
/// slow reader shows in its session's queue, where frames are counted, and not
/// in megabytes of kernel memory; large enough to keep a fast link busy.
const UNSENT_BYTES: u32 = 64 * 1024;

/// A running server. Dropping it stops it without a goodbye; see [`shutdown`](Self::shutdown).
pub struct Server {
    http_addr: SocketAddr,
    scheme: &'static str,
    app: Arc<App>,
    drain: watch::Sender<bool>,
    handle: Handle<SocketAddr>,
    http: JoinHandle<io::Result<()>>,
    sweep: JoinHandle<()>,
    memory: JoinHandle<()>,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// It would be plain HTTP to the outside.
    #[error(
        "plain HTTP on {found}: browsers give it no camera and others can listen in; expected a \
         loopback address, a certificate (--tls-cert and --tls-key, or --tls-self-signed) or the \
         TLS proxy in front (--behind-proxy CIDR)"
    )]
    PlainHttp {
        /// The address.
        found: SocketAddr,
    },
    /// An address cannot be listened on.
    #[error("cannot listen on {address} for {what}")]
    Listen {
        /// HTTP or media.
        what: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("the certificate cannot be used")]
    Certificate(#[source] io::Error),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key file cannot be used.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
}

impl Server {
    /// Starts a server on the current runtime. When this returns, both ports are
    /// open and the meetings that were on are being brought back.
    ///
    /// # Errors
    /// When a port is taken, a file cannot be used, or the configuration would
    /// mean plain HTTP to the outside.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let (drain, draining) = watch::channel(false);
        let app = App::compose(&config, draining).await?;
        let certificate = tls::setup(&config).await.map_err(StartError::Certificate)?;
        let (listener, http_addr) = listen(config.listen).map_err(|source| StartError::Listen {
            what: "http",
            address: config.listen,
            source,
        })?;

        let handle = Handle::new();
        let (most, quotas) = (config.limits.connections, app.quotas.clone());
        let access = app.access.clone();
        let service =
            edge::router(Arc::clone(&app)).into_make_service_with_connect_info::<SocketAddr>();
        let serving = handle.clone();
        let failed = |source| StartError::Listen { what: "http", address: http_addr, source };
        let http = match certificate {
            None => {
                let server = axum_server::from_tcp(listener).map_err(failed)?.handle(serving);
                let server = server.map(|inner| Door::new(inner, most, quotas, access));
                tokio::spawn(server.serve(service))
            }
            Some(certificate) => {
                let server = axum_server::from_tcp_rustls(listener, certificate)
                    .map_err(failed)?
                    .handle(serving);
                let server = server.map(|inner| Door::new(inner, most, quotas, access));
                tokio::spawn(server.serve(service))
            }
        };
        tracing::info!(
            operator_key = %app.operator.path().display(),
            "rooms are made with the key in this file, or freely from this machine"
        );
        let scheme = if config.transport == Transport::Plain { "http" } else { "https" };
        let sweep = tokio::spawn(sweep(Arc::clone(&app), config.journal_retention));
        let memory = tokio::spawn(memory::upkeep(Arc::clone(&app)));
        Ok(Self { http_addr, scheme, app, drain, handle, http, sweep, memory })
    }

    /// Where HTTP and signalling listen, with the real port.
    #[must_use]
    pub fn http_addr(&self) -> SocketAddr {
        self.http_addr
    }

    /// Where media listens, with the real port.
    #[must_use]
    pub fn media_addr(&self) -> SocketAddr {
        self.app.media.local_addr()
    }

    /// The address a browser on this machine would open.
    #[must_use]
    pub fn url(&self) -> String {
        let ip = match self.http_addr.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        format!("{}://{}", self.scheme, SocketAddr::new(ip, self.http_addr.port()))
    }

    /// Says goodbye to every session, keeps every meeting for the next start,
    /// and stops. Takes under five seconds.
    pub async fn shutdown(self) {
        self.drain.send_replace(true);
        self.handle.graceful_shutdown(Some(DRAIN_WITHIN));
        let finished = async {
            tokio::join!(self.app.sessions.closed(), self.app.directory.stopped());
        };
        if timeout(DRAIN_WITHIN, finished).await.is_err() {
            tracing::warn!("some sessions or meetings did not finish in time");
        }
        self.sweep.abort();
        self.memory.abort();
        // What is still open after this is dropped with the process.
        let _ = timeout(DRAIN_WITHIN / 2, self.app.store.close()).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.drain.send_replace(true);
        self.handle.shutdown();
        self.http.abort();
        self.sweep.abort();
        self.memory.abort();
    }
}

fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    // Accepted sockets inherit it. Where a system does not know it, slow readers
    // are found later; nothing else changes.
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(&listener).set_tcp_notsent_lowat(UNSENT_BYTES);
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

/// Deletes what is past its retention, now and then.
async fn sweep(app: Arc<App>, retention: conf_core::Span) {
    let mut due = interval(SWEEP_EVERY);
    loop {
        due.tick().await;
        match app.store.delete_due(clock::utc_now(), retention).await {
            Ok(0) => {}
            Ok(meetings) => tracing::info!(meetings, "journals past their retention are deleted"),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "journals past their retention could not be deleted");
            }
        }
    }
}
