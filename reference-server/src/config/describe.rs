//! Every setting in words, with its value: a file one could start from.

use std::fmt::Write as _;
use std::path::Path;

use super::{Config, LogFormat, MediaTcp, Transport};

/// One setting in words.
struct Setting {
    key: &'static str,
    help: &'static str,
    /// The value in TOML; `None` when it is not set.
    value: fn(&Config) -> Option<String>,
}

/// Hours in a span.
const HOUR_MS: u64 = 60 * 60 * 1_000;

/// Bytes in a megabyte.
pub(super) const MEGABYTE: u64 = 1_000_000;

const SETTINGS: &[Setting] = &[
    Setting {
        key: "listen",
        help: "Where HTTP and signalling listen. Port 0 takes a free one. Plain HTTP only works on\n\
               loopback or behind a TLS proxy; browsers need HTTPS anywhere else.",
        value: |c| Some(quoted(&c.listen.to_string())),
    },
    Setting {
        key: "media_listen",
        help: "Where media listens, UDP and TCP on one port; the firewall must let it in.\n\
               Default: loopback while HTTP is on loopback, else every address of IPv4 and IPv6\n\
               (`[::]`); port 50000.",
        value: |c| Some(quoted(&c.media_listen.to_string())),
    },
    Setting {
        key: "media_tcp",
        help: "`on` or `off`: media over TCP as well, on the same port, for people whose network\n\
               lets no UDP out. Each such connection takes a file descriptor; at most half of\n\
               those the process may have are given to them.",
        value: |c| {
            Some(quoted(match c.media_tcp {
                MediaTcp::On => "on",
                MediaTcp::Off => "off",
            }))
        },
    },
    Setting {
        key: "media_threads",
        help: "Threads that forward media, all on the one port. More than one pays where there are as\n\
               many cores to spare.",
        value: |c| Some(c.media_threads.to_string()),
    },
    Setting {
        key: "media_spread_at",
        help: "People of one meeting that share a media thread. Beyond it the next come to another\n\
               one, which gets the meeting's media once.",
        value: |c| Some(c.media_spread_at.to_string()),
    },
    Setting {
        key: "data_dir",
        help: "Rooms, journals and the audit chain. Nothing in it is personal and in clear.",
        value: |c| Some(path(&c.data_dir)),
    },
    Setting {
        key: "key_dir",
        help: "Keys. Outside data_dir and its backup, because erasing a person is destroying a\n\
               key. Default: data_dir with `.keys` appended.",
        value: |c| Some(path(&c.key_dir)),
    },
    Setting {
        key: "behind_proxy",
        help: "Networks of the TLS proxy in front. Forwarded addresses are believed from there only.",
        value: |c| Some(list(&c.behind_proxy)),
    },
    Setting {
        key: "tls_cert",
        help: "Certificate chain in PEM, when this server ends TLS itself.",
        value: |c| match &c.transport {
            Transport::Certificate { cert, .. } => Some(path(cert)),
            _ => None,
        },
    },
    Setting {
        key: "tls_key",
        help: "Private key of the certificate, in PEM.",
        value: |c| match &c.transport {
            Transport::Certificate { key, .. } => Some(path(key)),
            _ => None,
        },
    },
    Setting {
        key: "tls_self_signed",
        help: "Makes a certificate at start. For trying out: browsers will warn.",
        value: |c| match &c.transport {
            Transport::Certificate { .. } => None,
            other => Some((*other == Transport::SelfSigned).to_string()),
        },
    },
    Setting {
        key: "advertise",
        help: "Addresses told to browsers for media, before those of this machine: the public ones\n\
               where one-to-one translation (NAT) is in front, which keeps the port.",
        value: |c| Some(list(&c.advertise)),
    },
    Setting {
        key: "client_dir",
        help: "The browser client's files, instead of the built-in ones.",
        value: |c| c.client_dir.as_deref().map(path),
    },
    Setting {
        key: "metrics_token_file",
        help: "A file with the token that opens /metrics to others than loopback.",
        value: |c| c.metrics_token_file.as_deref().map(path),
    },
    Setting {
        key: "log_format",
        help: "`text` for people or `json` for machines; to standard error.",
        value: |c| {
            Some(quoted(match c.log.format {
                LogFormat::Text => "text",
                LogFormat::Json => "json",
            }))
        },
    },
    Setting {
        key: "log_filter",
        help: "What is logged: a level, and directives for parts, such as `info,reference_server=debug`.",
        value: |c| Some(quoted(&c.log.filter)),
    },
    Setting {
        key: "journal_retention_hours",
        help: "How long a meeting's journal is kept after its end. In the file or environment only.",
        value: |c| Some((c.journal_retention.0 / HOUR_MS).to_string()),
    },
    Setting {
        key: "token_lifetime_hours",
        help: "How long a join token admits. In the file or environment only.",
        value: |c| Some((c.token_lifetime.0 / HOUR_MS).to_string()),
    },
    Setting {
        key: "file_size_mb",
        help: "Most megabytes of one file that is handed on in a meeting. In the file or environment only.",
        value: |c| Some((c.files.one_bytes / MEGABYTE).to_string()),
    },
    Setting {
        key: "files_total_mb",
        help: "Most megabytes of all files of a meeting together. They lie sealed in data_dir and are deleted\n\
               when the meeting ends. In the file or environment only.",
        value: |c| Some((c.files.all_bytes / MEGABYTE).to_string()),
    },
    Setting {
        key: "files_count",
        help: "Most files of a meeting at a time; 0 takes none. In the file or environment only.",
        value: |c| Some(c.files.count.to_string()),
    },
    Setting {
        key: "file_types",
        help: "Which types of files are taken: `documents`, `images`, `audio`, `video`, `text`, `archives`.\n\
               Programs, scripts, HTML and SVG never are; what is in archives nobody has looked at.\n\
               In the file or environment only.",
        value: |c| Some(list(&c.files.groups.iter().map(|group| group.word()).collect::<Vec<_>>())),
    },
    Setting {
        key: "open_rooms",
        help: "For benches: rooms appear when a program of this machine names one by WHIP or WHEP, and\n\
               nobody needs a token in them, waits or is limited; nothing of them is kept. Works only\n\
               while everything listens on loopback.",
        value: |c| Some(c.open_rooms.to_string()),
    },
    Setting {
        key: "max_connections",
        help: "Most TCP connections at a time, of all addresses; each costs a file handle.",
        value: |c| Some(c.limits.connections.to_string()),
    },
    Setting {
        key: "address_connections",
        help: "Most TCP connections of one remote address. A school behind one address needs one or\n\
               two per person. A proxy named in behind_proxy is not counted, its users are where\n\
               its X-Forwarded-For says. IPv6 is counted by /64.",
        value: |c| Some(c.limits.address_connections.to_string()),
    },
    Setting {
        key: "address_waiting",
        help: "Most signalling sockets of one remote address that have not said hello yet.",
        value: |c| Some(c.limits.address_waiting.to_string()),
    },
    Setting {
        key: "address_sessions",
        help: "Most signalling sockets of one remote address in all.",
        value: |c| Some(c.limits.address_sessions.to_string()),
    },
    Setting {
        key: "address_joins_per_minute",
        help: "Most joins of one remote address in a minute; all of them may come at once.",
        value: |c| Some(c.limits.address_joins_per_minute.to_string()),
    },
    Setting {
        key: "address_requests_per_minute",
        help: "Most requests of one remote address in a minute for rooms, looks and tokens; a person who\n\
               joins makes two or three.",
        value: |c| Some(c.limits.address_requests_per_minute.to_string()),
    },
];

pub(crate) fn describe(config: &Config) -> String {
    let mut text = String::from(
        "# conf-server: every setting and its value.\n\
         # Each can be set in a TOML file (--config FILE), as CONF_KEY in the environment, and\n\
         # where not said otherwise as a flag --key; the later in this order wins.\n",
    );
    for Setting { key, help, value } in SETTINGS {
        text.push('\n');
        for line in help.lines() {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "# {line}");
        }
        let _ = match value(config) {
            Some(value) => writeln!(text, "{key} = {value}"),
            None => writeln!(text, "# {key} is not set"),
        };
    }
    text
}

/// A TOML basic string (TOML 1.0, "String").
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

fn list<T: ToString>(values: &[T]) -> String {
    let quoted: Vec<_> = values.iter().map(|value| quoted(&value.to_string())).collect();
    format!("[{}]", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::source;

    #[test]
    fn every_key_that_is_read_is_described_in_the_same_order() {
        let described: Vec<_> = SETTINGS.iter().map(|setting| setting.key).collect();
        assert_eq!(described, source::keys());
    }

    #[test]
    fn a_text_with_quotes_stays_one_text() {
        assert_eq!(quoted("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\"");
    }
}
