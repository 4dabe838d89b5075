//! One checked configuration from a file, the environment and the flags.

pub mod args;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use conf_core::Span;
use ipnet::IpNet;

pub use args::{Arguments, Order, Settings};

/// Everything the server is told, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// Where HTTP and signalling listen. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where media listens, UDP and TCP. Port 0 takes a free one.
    pub media_listen: SocketAddr,
    /// Rooms, journals and audit.
    pub data_dir: PathBuf,
    /// Master key, token key, operator key, wrapped keys.
    pub key_dir: PathBuf,
    /// Who ends TLS.
    pub transport: Transport,
    /// Proxies whose forwarded addresses are trusted.
    pub behind_proxy: Vec<IpNet>,
    /// Addresses told to browsers for media instead of the one listened on.
    pub advertise: Vec<IpAddr>,
    /// The browser client's files instead of the built-in ones.
    pub client_dir: Option<PathBuf>,
    /// A file with the token that opens `/metrics` to others than loopback.
    pub metrics_token_file: Option<PathBuf>,
    /// How logs are written.
    pub log: LogConfig,
    /// How long a journal is kept after its meeting ended.
    pub journal_retention: Span,
    /// How long a join token admits.
    pub token_lifetime: Span,
}

/// Who ends TLS for HTTP and signalling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// Nobody: loopback only, or a proxy in front.
    Plain,
    /// We do, with this certificate chain and key (PEM).
    Certificate {
        /// The certificate chain.
        cert: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// We do, with a certificate made at start.
    SelfSigned,
}

/// How logs are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// Text for people or JSON for machines.
    pub format: LogFormat,
    /// What is logged, as directives: `info`, `info,reference_server=debug`.
    pub filter: String,
}

/// Text for people or JSON for machines.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One readable line per event.
    Text,
    /// One JSON object per line.
    Json,
}

/// Why the server cannot be started like this.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A key nobody reads.
    #[error("unknown setting `{found}` in {place}; the nearest known one is `{nearest}`")]
    UnknownKey {
        /// The key found.
        found: String,
        /// The file, or the environment.
        place: String,
        /// What was probably meant.
        nearest: &'static str,
    },
    /// A value of the wrong form.
    #[error("setting `{key}`: {reason}")]
    BadValue {
        /// The setting.
        key: String,
        /// What was found and expected.
        reason: String,
    },
    /// Settings that do not go together.
    #[error("{0}")]
    Conflict(String),
    /// The file cannot be read.
    #[error("configuration file {path} cannot be read", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl Config {
    /// Reads the file that `settings` names, then the environment, then the
    /// flags; later ones win.
    ///
    /// # Errors
    /// The first thing that is wrong, by name.
    pub fn load(_settings: &Settings) -> Result<Self, ConfigError> {
        Err(ConfigError::Conflict("not yet".into()))
    }

    /// Every setting with its documentation and current value, as a file that
    /// could be read back. Secrets are in files, so none are shown.
    #[must_use]
    pub fn describe(&self) -> String {
        String::new()
    }
}
