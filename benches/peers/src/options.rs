//! What both programs are told, and the line that says they are ready.

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::ensure;
use clap::Parser;

/// Where to listen. Port 0 takes a free one, which the ready line tells.
#[derive(Parser, Debug, Clone)]
pub struct Options {
    /// Address of the signalling (plain HTTP/1.1).
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Address of the media.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub media_listen: SocketAddr,
    /// Sends without the library's bandwidth estimation and pacing: cheaper, and not what a
    /// server would do on a real network.
    #[arg(long)]
    pub no_estimation: bool,
}

impl Options {
    /// Reads the command line.
    ///
    /// # Errors
    /// When an address is not loopback: anyone may publish here.
    pub fn read() -> anyhow::Result<Self> {
        let options = Self::parse();
        for address in [options.listen, options.media_listen] {
            ensure!(address.ip().is_loopback(), "{address} is not a loopback address");
        }
        Ok(options)
    }
}

/// Prints the one line that says where to connect.
///
/// # Errors
/// When standard output is gone.
pub fn ready(http: SocketAddr, media: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "peer ready http=http://{http} media={media}")?;
    out.flush()
}
