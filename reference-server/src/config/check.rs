//! What goes together: from what was written to what may be run.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use conf_core::{FileGroup, FileLimits, Span};
use conf_media::relay::MAX_SHARDS;

use super::describe::MEGABYTE;
use super::source::Written;
use super::{Config, ConfigError, Limits, LogConfig, LogFormat, MediaTcp, Transport};
use crate::store::record::beside;

/// Where HTTP listens unless told otherwise.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// The media port unless told otherwise; 3478 is left to TURN.
const MEDIA_PORT: u16 = 50_000;

/// Media threads unless told otherwise.
const USUAL_MEDIA_THREADS: usize = 1;

/// Longest a join token may admit, in hours: a week.
const MAX_TOKEN_HOURS: u32 = 7 * 24;

/// Largest limit that can be set: as good as none.
const MAX_COUNT: u32 = 1_000_000;

/// Longest a journal may be kept, in hours: ten years.
const MAX_RETENTION_HOURS: u32 = 10 * 366 * 24;

/// Most megabytes of a meeting's files.
const MAX_FILES_MB: u32 = 100_000;

/// Most files of a meeting: their list goes to everyone who comes.
const MAX_FILES: u32 = 10_000;

pub(crate) fn check(written: Written) -> Result<Config, ConfigError> {
    let listen = one("listen", written.listen, "ADDR:PORT")?.unwrap_or(LISTEN);
    let media_listen = one("media_listen", written.media_listen, "ADDR:PORT")?
        .unwrap_or_else(|| SocketAddr::new(media_address(listen.ip()), MEDIA_PORT));
    let data_dir = written.data_dir.map_or_else(|| PathBuf::from("./conf-data"), PathBuf::from);
    let key_dir = written.key_dir.map_or_else(|| beside(&data_dir), PathBuf::from);
    apart(&data_dir, &key_dir)?;
    let transport = transport(
        written.tls_cert.map(PathBuf::from),
        written.tls_key.map(PathBuf::from),
        written.tls_self_signed.unwrap_or(false),
    )?;
    let behind_proxy = many("behind_proxy", written.behind_proxy, "a network such as 10.0.0.0/8")?;
    if transport == Transport::Plain && !listen.ip().is_loopback() && behind_proxy.is_empty() {
        return Err(ConfigError::Conflict(format!(
            "plain HTTP on {listen} would carry names and chat in clear: name the TLS proxy in \
             front (--behind-proxy CIDR), give a certificate (--tls-cert FILE --tls-key FILE), \
             make one for trying out (--tls-self-signed), or listen on loopback"
        )));
    }
    let client_dir = written.client_dir.map(PathBuf::from);
    if let Some(dir) = client_dir.as_deref().filter(|dir| !dir.is_dir()) {
        return Err(ConfigError::BadValue {
            key: "client_dir".into(),
            reason: format!("expected a folder, found {}", dir.display()),
        });
    }
    let open_rooms = written.open_rooms.unwrap_or(false);
    if open_rooms {
        for found in [listen, media_listen] {
            if !found.ip().to_canonical().is_loopback() {
                return Err(ConfigError::Conflict(format!(
                    "open_rooms lets everyone in who can reach {found}: it works only while HTTP \
                     and media listen on loopback"
                )));
            }
        }
        if !behind_proxy.is_empty() {
            return Err(ConfigError::Conflict(
                "open_rooms and behind_proxy exclude each other: whoever comes by a proxy is not \
                 on this machine"
                    .into(),
            ));
        }
    }
    let usual = |usual: u32| if open_rooms { MAX_COUNT } else { usual };
    let limits = Limits {
        connections: count("max_connections", written.max_connections, 10_000)?,
        address_connections: count(
            "address_connections",
            written.address_connections,
            usual(2_000),
        )?,
        address_waiting: count("address_waiting", written.address_waiting, usual(400))?,
        address_sessions: count("address_sessions", written.address_sessions, usual(1_000))?,
        address_joins_per_minute: count(
            "address_joins_per_minute",
            written.address_joins_per_minute,
            usual(600),
        )?,
        address_requests_per_minute: count(
            "address_requests_per_minute",
            written.address_requests_per_minute,
            usual(1_800),
        )?,
    };
    let files = files(
        written.file_size_mb,
        written.files_total_mb,
        written.files_count,
        written.file_types,
    )?;
    let retention = written.journal_retention_hours.unwrap_or(24);
    let lifetime = written.token_lifetime_hours.unwrap_or(12);
    Ok(Config {
        listen,
        media_listen,
        media_tcp: written.media_tcp.unwrap_or(MediaTcp::On),
        media_threads: threads(written.media_threads)?,
        media_spread_at: count("media_spread_at", written.media_spread_at, 150)? as usize,
        data_dir,
        key_dir,
        transport,
        behind_proxy,
        advertise: many("advertise", written.advertise, "an address such as 192.0.2.7")?,
        client_dir,
        metrics_token_file: written.metrics_token_file.map(PathBuf::from),
        log: LogConfig {
            format: written.log_format.unwrap_or(LogFormat::Text),
            filter: written.log_filter.unwrap_or_else(|| "info".into()),
        },
        journal_retention: hours("journal_retention_hours", retention, 0, MAX_RETENTION_HOURS)?,
        files,
        token_lifetime: hours("token_lifetime_hours", lifetime, 1, MAX_TOKEN_HOURS)?,
        open_rooms,
        limits,
    })
}

/// Media stays on loopback as long as HTTP does; else it listens on every address of both
/// families, whichever HTTP has: a proxy in front speaks for HTTP only. The driver makes do with
/// IPv4 where there is no other.
const fn media_address(http: IpAddr) -> IpAddr {
    if http.is_loopback() { http } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) }
}

/// Keys in the data folder would be in its backup, and then erasing would erase nothing.
fn apart(data_dir: &Path, key_dir: &Path) -> Result<(), ConfigError> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if absolute(key_dir).starts_with(absolute(data_dir)) {
        return Err(ConfigError::Conflict(format!(
            "key_dir {} lies in data_dir {}: keys belong outside it and its backup",
            key_dir.display(),
            data_dir.display()
        )));
    }
    Ok(())
}

fn transport(
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
    self_signed: bool,
) -> Result<Transport, ConfigError> {
    match (cert, key, self_signed) {
        (None, None, false) => Ok(Transport::Plain),
        (None, None, true) => Ok(Transport::SelfSigned),
        (Some(cert), Some(key), false) => Ok(Transport::Certificate { cert, key }),
        (Some(_), None, _) => Err(ConfigError::Conflict("tls_cert needs tls_key".into())),
        (None, Some(_), _) => Err(ConfigError::Conflict("tls_key needs tls_cert".into())),
        (Some(_), Some(_), true) => {
            Err(ConfigError::Conflict("tls_cert and tls_self_signed exclude each other".into()))
        }
    }
}

fn one<T>(key: &str, text: Option<String>, expected: &str) -> Result<Option<T>, ConfigError>
where
    T: FromStr<Err: Display>,
{
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|_| ConfigError::BadValue {
        key: key.into(),
        reason: format!("expected {expected}, found `{text}`"),
    })
}

fn many<T>(key: &str, texts: Option<Vec<String>>, expected: &str) -> Result<Vec<T>, ConfigError>
where
    T: FromStr<Err: Display>,
{
    let texts = texts.unwrap_or_default();
    texts.into_iter().filter_map(|text| one(key, Some(text), expected).transpose()).collect()
}

fn count(key: &str, written: Option<u32>, usual: u32) -> Result<u32, ConfigError> {
    match written.unwrap_or(usual) {
        found @ 1..=MAX_COUNT => Ok(found),
        found => Err(ConfigError::BadValue {
            key: key.into(),
            reason: format!("expected 1 to {MAX_COUNT}, found {found}"),
        }),
    }
}

/// What meetings take of files: what was written, or the usual.
fn files(
    one_mb: Option<u32>,
    all_mb: Option<u32>,
    count: Option<u32>,
    types: Option<Vec<String>>,
) -> Result<FileLimits, ConfigError> {
    let mut limits = FileLimits::default();
    let within = |key: &str, found: u32, least: u32, most: u32| {
        let reason = format!("expected {least} to {most}, found {found}");
        let bad = ConfigError::BadValue { key: key.into(), reason };
        if (least..=most).contains(&found) { Ok(found) } else { Err(bad) }
    };
    if let Some(found) = one_mb {
        let mb = within("file_size_mb", found, 1, MAX_FILES_MB)?;
        limits = limits.one_bytes(u64::from(mb) * MEGABYTE);
    }
    if let Some(found) = all_mb {
        let mb = within("files_total_mb", found, 1, MAX_FILES_MB)?;
        limits = limits.all_bytes(u64::from(mb) * MEGABYTE);
    }
    if let Some(found) = count {
        limits = limits.count(within("files_count", found, 0, MAX_FILES)?);
    }
    if let Some(found) = types {
        let known = |word: &String| {
            let group = FileGroup::ALL.into_iter().find(|group| group.word() == word);
            let words = FileGroup::ALL.map(FileGroup::word).join(", ");
            group.ok_or_else(|| ConfigError::BadValue {
                key: "file_types".into(),
                reason: format!("expected some of {words}, found `{word}`"),
            })
        };
        limits = limits.groups(found.iter().map(known).collect::<Result<_, _>>()?);
    }
    if limits.one_bytes > limits.all_bytes {
        return Err(ConfigError::Conflict(format!(
            "file_size_mb {} is more than files_total_mb {}",
            limits.one_bytes / MEGABYTE,
            limits.all_bytes / MEGABYTE
        )));
    }
    Ok(limits)
}

/// Media threads: what was written, or the usual number.
fn threads(written: Option<u32>) -> Result<usize, ConfigError> {
    match written.map(|found| found as usize) {
        None => Ok(USUAL_MEDIA_THREADS),
        Some(found @ 1..=MAX_SHARDS) => Ok(found),
        Some(found) => Err(ConfigError::BadValue {
            key: "media_threads".into(),
            reason: format!("expected 1 to {MAX_SHARDS}, found {found}"),
        }),
    }
}

fn hours(key: &str, found: u32, least: u32, most: u32) -> Result<Span, ConfigError> {
    if (least..=most).contains(&found) {
        Ok(Span::from_mins(u64::from(found) * 60))
    } else {
        Err(ConfigError::BadValue {
            key: key.into(),
            reason: format!("expected {least} to {most} hours, found {found}"),
        })
    }
}
