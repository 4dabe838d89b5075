//! One checked configuration from a file, the environment and the flags.

pub mod args;

mod check;
mod describe;
mod source;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use conf_core::{FileLimits, Span};
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
    /// Whether it listens on TCP at all.
    pub media_tcp: MediaTcp,
    /// Threads that forward media, each with a socket of its own on that port.
    pub media_threads: usize,
    /// People of one meeting that share a media thread before the next takes some.
    pub media_spread_at: usize,
    /// Rooms, journals and audit.
    pub data_dir: PathBuf,
    /// Master key, token key, operator key, wrapped keys.
    pub key_dir: PathBuf,
    /// Who ends TLS.
    pub transport: Transport,
    /// Proxies whose forwarded addresses are trusted.
    pub behind_proxy: Vec<IpNet>,
    /// Addresses told to browsers for media, before those of this machine.
    pub advertise: Vec<IpAddr>,
    /// The browser client's files instead of the built-in ones.
    pub client_dir: Option<PathBuf>,
    /// A file with the token that opens `/metrics` to others than loopback.
    pub metrics_token_file: Option<PathBuf>,
    /// How logs are written.
    pub log: LogConfig,
    /// How long a journal is kept after its meeting ended.
    pub journal_retention: Span,
    /// What meetings take of files.
    pub files: FileLimits,
    /// How long a join token admits.
    pub token_lifetime: Span,
    /// Rooms appear when somebody names one by WHIP or WHEP, and nobody needs a token in them.
    pub open_rooms: bool,
    /// How much may be taken at a time, by all and by one remote address.
    pub limits: Limits,
}

/// How much may be taken, by all and by one remote address. What is over it is
/// refused with 429, or as a connection closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// TCP connections at a time, of all addresses.
    pub connections: u32,
    /// TCP connections at a time, of one address.
    pub address_connections: u32,
    /// Signalling sockets at a time that have not said `hello`, of one address.
    pub address_waiting: u32,
    /// Signalling sockets at a time, of one address.
    pub address_sessions: u32,
    /// Joins a minute, of one address.
    pub address_joins_per_minute: u32,
    /// Requests for rooms, looks and tokens a minute, of one address.
    pub address_requests_per_minute: u32,
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

/// Whether media is taken over TCP where UDP does not get through (RFC 6544).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub enum MediaTcp {
    /// On the port that UDP has.
    On,
    /// Only UDP.
    Off,
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
    /// Something that is not TOML, or not a list of settings.
    #[error("{place} cannot be read as settings: {reason}")]
    Malformed {
        /// The file, or the environment.
        place: String,
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
    pub fn load(settings: &Settings) -> Result<Self, ConfigError> {
        check::check(source::read(settings)?)
    }

    /// Every setting with its documentation and current value, as a file that
    /// could be read back. Secrets are in files, so none are shown.
    #[must_use]
    pub fn describe(&self) -> String {
        describe::describe(self)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use conf_core::FileGroup;

    use super::*;

    fn load(line: &str) -> Result<Config, ConfigError> {
        let words = ["conf-server", "serve"].into_iter().chain(line.split_whitespace());
        match Arguments::try_parse_from(words).unwrap().order {
            Order::Serve(settings) | Order::Config(settings) => Config::load(&settings),
            Order::Token(grant) => Config::load(&grant.settings),
            Order::Reports(order) => Config::load(&order.settings),
        }
    }

    fn load_file(text: &str, flags: &str) -> Result<Config, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        load(&format!("--config {} {flags}", file.path().display()))
    }

    #[test]
    fn without_any_setting_everything_stays_on_loopback() {
        let config = load("").unwrap();
        assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(config.media_listen, "127.0.0.1:50000".parse().unwrap());
        assert_eq!(config.data_dir, PathBuf::from("./conf-data"));
        assert_eq!(config.key_dir, PathBuf::from("./conf-data.keys"));
        assert_eq!(config.journal_retention, Span::from_mins(24 * 60));
    }

    #[test]
    fn media_leaves_loopback_when_http_does() {
        let config = load("--listen 192.0.2.1:443 --tls-self-signed").unwrap();
        assert_eq!(config.media_listen, "[::]:50000".parse().unwrap(), "both families");
        let config = load("--listen [::1]:0").unwrap();
        assert_eq!(config.media_listen, "[::1]:50000".parse().unwrap());
        let config = load("--listen [::]:80 --behind-proxy 10.0.0.0/8").unwrap();
        assert_eq!(config.media_listen, "[::]:50000".parse().unwrap());
    }

    #[test]
    fn plain_http_for_everyone_needs_a_proxy_or_a_certificate() {
        let refused = load("--listen 0.0.0.0:8080").unwrap_err().to_string();
        assert!(refused.contains("--behind-proxy") && refused.contains("--tls-cert"), "{refused}");
        for cure in ["--behind-proxy 10.0.0.1/32", "--tls-self-signed", "--tls-cert c --tls-key k"]
        {
            load(&format!("--listen 0.0.0.0:8080 {cure}")).unwrap();
        }
    }

    #[test]
    fn flags_win_over_the_file() {
        let file = "listen = '127.0.0.1:1'\nmedia_listen = '127.0.0.1:2'\nadvertise = '192.0.2.1, 192.0.2.2'";
        let config = load_file(file, "--listen 127.0.0.1:3").unwrap();
        assert_eq!(config.listen.port(), 3);
        assert_eq!(config.media_listen.port(), 2);
        assert_eq!(config.advertise.len(), 2);
    }

    /// A process's environment cannot be changed safely from inside, so this
    /// test runs itself once more with another one.
    #[test]
    fn the_environment_wins_over_the_file_and_flags_over_both() {
        if std::env::var_os("CONF_LISTEN").is_some() {
            let config = load_file("listen = '127.0.0.1:1'\ndata_dir = 'd'", "").unwrap();
            assert_eq!(config.listen, "[::1]:2".parse().unwrap());
            assert_eq!(config.behind_proxy.len(), 2);
            assert_eq!(config.transport, Transport::SelfSigned);
            assert_eq!(config.data_dir, PathBuf::from("d"));
            assert_eq!(load("--listen 127.0.0.1:3").unwrap().listen.port(), 3);
            return;
        }
        let name = "config::tests::the_environment_wins_over_the_file_and_flags_over_both";
        let again = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .env("CONF_LISTEN", "[::1]:2")
            .env("CONF_BEHIND_PROXY", "10.0.0.0/8,192.0.2.0/24")
            .env("CONF_TLS_SELF_SIGNED", "true")
            .env("CONF_SERVICE_HOST", "somebody else's")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&again.stdout);
        assert!(again.status.success() && said.contains("1 passed"), "{said}");
    }

    #[test]
    fn a_misspelt_key_is_named_with_the_nearest_known_one() {
        let error = load_file("media_lisen = '127.0.0.1:2'", "").unwrap_err();
        let ConfigError::UnknownKey { found, nearest, .. } = &error else { panic!("{error}") };
        assert_eq!((found.as_str(), *nearest), ("media_lisen", "media_listen"));
    }

    #[test]
    fn a_wrong_value_is_named_with_what_was_expected() {
        for (file, key) in [
            ("listen = 'here'", "listen"),
            ("listen = 8080", "listen"),
            ("behind_proxy = ['10.0.0.1', '10/8']", "behind_proxy"),
            ("token_lifetime_hours = 0", "token_lifetime_hours"),
            ("journal_retention_hours = -1", "journal_retention_hours"),
            ("client_dir = '/does/not/exist'", "client_dir"),
            ("log_format = 'xml'", "log_format"),
            ("media_tcp = 'maybe'", "media_tcp"),
            ("media_threads = 0", "media_threads"),
            ("media_threads = 65", "media_threads"),
            ("media_spread_at = 0", "media_spread_at"),
            ("address_joins_per_minute = 0", "address_joins_per_minute"),
            ("file_size_mb = 0", "file_size_mb"),
            ("files_total_mb = 100001", "files_total_mb"),
            ("files_count = 10001", "files_count"),
            ("file_types = ['images', 'programs']", "file_types"),
        ] {
            let error = load_file(file, "").unwrap_err();
            assert!(
                matches!(&error, ConfigError::BadValue { key: found, .. } if found == key),
                "{file}: {error:?}"
            );
        }
        assert!(matches!(load_file("=", ""), Err(ConfigError::Malformed { .. })));
        assert!(matches!(load("--config /no/such.toml"), Err(ConfigError::Unreadable { .. })));
    }

    #[test]
    fn keys_are_kept_out_of_the_data_folder() {
        let refused = load("--data-dir d --key-dir ./d/keys");
        assert!(matches!(refused, Err(ConfigError::Conflict(_))), "{refused:?}");
        load("--data-dir d/ --key-dir d.keys").unwrap();
    }

    #[test]
    fn what_is_taken_of_files_is_set_and_goes_together() {
        let config = load_file("file_types = 'text, archives'\nfiles_count = 0", "").unwrap();
        let groups = [FileGroup::Text, FileGroup::Archives].into();
        assert_eq!(config.files, FileLimits::default().groups(groups).count(0));
        assert_eq!(load("").unwrap().files, FileLimits::default());
        let refused = load_file("file_size_mb = 300", "");
        assert!(matches!(refused, Err(ConfigError::Conflict(_))), "{refused:?}");
    }

    #[test]
    fn half_a_certificate_is_refused() {
        for file in ["tls_cert = 'c'", "tls_key = 'k'"] {
            assert!(matches!(load_file(file, ""), Err(ConfigError::Conflict(_))));
        }
        let both = "tls_cert = 'c'\ntls_key = 'k'\ntls_self_signed = true";
        assert!(matches!(load_file(both, ""), Err(ConfigError::Conflict(_))));
    }

    #[test]
    fn what_is_described_reads_back_as_the_same_configuration() {
        let full = "--listen 0.0.0.0:1 --tls-cert c --tls-key k --advertise 192.0.2.1 \
                    --advertise 2001:db8::1 --media-tcp off --media-threads 2 --media-spread-at 9";
        for line in ["", full] {
            let config = load(line).unwrap();
            assert_eq!(load_file(&config.describe(), "").unwrap(), config);
        }
    }
}
