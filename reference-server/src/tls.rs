//! The certificate HTTP is served with, where we end TLS ourselves.

use std::io;
use std::net::IpAddr;

use axum_server::tls_rustls::RustlsConfig;

use crate::config::{Config, Transport};

/// The TLS set-up the configuration asks for; `None` for plain HTTP.
///
/// # Errors
/// When a file cannot be read or is no certificate with its key.
pub(crate) async fn setup(config: &Config) -> io::Result<Option<RustlsConfig>> {
    // Explicit, so that no feature of another crate decides which crypto we run.
    // Somebody may have installed one before us in this process; then it is theirs.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match &config.transport {
        Transport::Plain => Ok(None),
        Transport::Certificate { cert, key } => {
            RustlsConfig::from_pem_file(cert, key).await.map(Some)
        }
        Transport::SelfSigned => {
            let (cert, key) = self_signed(config.listen.ip()).map_err(io::Error::other)?;
            RustlsConfig::from_pem(cert.into_bytes(), key.into_bytes()).await.map(Some)
        }
    }
}

/// A certificate for this machine's names, and its key, as PEM.
fn self_signed(listen: IpAddr) -> Result<(String, String), rcgen::Error> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !listen.is_unspecified() && !names.contains(&listen.to_string()) {
        names.push(listen.to_string());
    }
    let made = rcgen::generate_simple_self_signed(names)?;
    Ok((made.cert.pem(), made.signing_key.serialize_pem()))
}
