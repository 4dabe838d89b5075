//! The command line: `conf-server serve …` and `conf-server config …`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use conf_core::Role;
use conf_core::id::{MeetingId, RoomId};
use ipnet::IpNet;

use super::{LogFormat, MediaTcp};

/// Video meetings from one binary.
#[derive(Debug, Parser)]
#[command(name = "conf-server", version, about)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub order: Order,
}

/// What `conf-server` can do.
#[derive(Debug, Subcommand)]
pub enum Order {
    /// Runs the server until it is told to stop.
    Serve(Settings),
    /// Prints every setting with its documentation and current value.
    Config(Settings),
    /// Prints what people reported, which is audited. For a server that does not run; one that
    /// does is asked by `GET /api/v1/reports`.
    Reports(ReportsOrder),
    /// Prints a token by which a machine may send and play streams (WHIP, WHEP) in one room,
    /// under whatever id.
    Token(Grant),
}

/// Which reports are printed, and how.
#[derive(Debug, Clone, Args)]
pub struct ReportsOrder {
    /// Those of one meeting, as `mtg_…` [default: all that are kept]
    #[arg(long, value_name = "MEETING")]
    pub meeting: Option<MeetingId>,
    /// The one of this number
    #[arg(long, value_name = "NUMBER", requires = "meeting")]
    pub number: Option<u64>,
    /// As JSON, for machines
    #[arg(long)]
    pub json: bool,
    /// Where the data and the keys are.
    #[command(flatten)]
    pub settings: Settings,
}

/// For whom a token is.
#[derive(Debug, Clone, Args)]
pub struct Grant {
    /// The room, as `room_…`
    #[arg(long, value_name = "ROOM")]
    pub room: RoomId,
    /// What its holder may be. A service may send a picture and sound, but holds no meeting by
    /// itself
    #[arg(long, value_name = "ROLE")]
    pub role: GrantedRole,
    /// What a stream without an id is called on screen
    #[arg(long, value_name = "NAME", default_value = "Stream")]
    pub name: String,
    /// How long it admits [default: token_lifetime_hours]
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=MAX_GRANT_HOURS))]
    pub hours: Option<u32>,
    /// Where the keys are.
    #[command(flatten)]
    pub settings: Settings,
}

/// Longest a machine's token may admit, in hours: a year.
pub const MAX_GRANT_HOURS: i64 = 366 * 24;

/// A role on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum GrantedRole {
    /// Runs the meeting.
    Moderator,
    /// Takes part in it.
    Participant,
    /// A machine of the operator.
    Service,
}

impl From<GrantedRole> for Role {
    fn from(role: GrantedRole) -> Self {
        match role {
            GrantedRole::Moderator => Self::Moderator,
            GrantedRole::Participant => Self::Participant,
            GrantedRole::Service => Self::Service,
        }
    }
}

/// Settings given as flags. What is not given comes from the environment, the
/// file, or the default.
#[derive(Debug, Clone, Default, Args)]
pub struct Settings {
    /// Where HTTP and signalling listen, ADDR:PORT [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// Where media listens, ADDR:PORT, UDP and TCP [default: port 50000]
    #[arg(long, value_name = "ADDR:PORT")]
    pub media_listen: Option<SocketAddr>,
    /// Whether media is also taken over TCP, on the same port [default: on]
    #[arg(long, value_name = "SWITCH")]
    pub media_tcp: Option<MediaTcp>,
    /// Threads that forward media [default: 1]
    #[arg(long, value_name = "COUNT")]
    pub media_threads: Option<u32>,
    /// People of one meeting that share a media thread before the next takes some [default: 150]
    #[arg(long, value_name = "COUNT")]
    pub media_spread_at: Option<u32>,
    /// Rooms, journals and audit [default: ./conf-data]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Keys, outside the data folder and its backup [default: `DATA-DIR`.keys]
    #[arg(long, value_name = "DIR")]
    pub key_dir: Option<PathBuf>,
    /// A TOML file with settings
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A TLS proxy in front whose forwarded addresses are trusted; may be repeated
    #[arg(long, value_name = "CIDR")]
    pub behind_proxy: Vec<IpNet>,
    /// Certificate chain, PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Make a certificate at start, for trying out
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_key"])]
    pub tls_self_signed: bool,
    /// An address told to browsers for media; may be repeated
    #[arg(long, value_name = "ADDR")]
    pub advertise: Vec<IpAddr>,
    /// The browser client's files instead of the built-in ones
    #[arg(long, value_name = "DIR")]
    pub client_dir: Option<PathBuf>,
    /// A file with the token that opens /metrics to others than loopback
    #[arg(long, value_name = "FILE")]
    pub metrics_token_file: Option<PathBuf>,
    /// How logs are written
    #[arg(long, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// What is logged, as directives [default: info]
    #[arg(long, value_name = "DIRECTIVES")]
    pub log_filter: Option<String>,
    /// Lets programs of this machine make rooms by naming them, without tokens and limits: for
    /// benches. Refused unless everything listens on loopback
    #[arg(long)]
    pub open_rooms: bool,
    /// TCP connections at a time, of all addresses [default: 10000]
    #[arg(long, value_name = "COUNT")]
    pub max_connections: Option<u32>,
    /// TCP connections at a time, of one address [default: 2000]
    #[arg(long, value_name = "COUNT")]
    pub address_connections: Option<u32>,
    /// Signalling sockets before their hello, of one address [default: 400]
    #[arg(long, value_name = "COUNT")]
    pub address_waiting: Option<u32>,
    /// Signalling sockets in all, of one address [default: 1000]
    #[arg(long, value_name = "COUNT")]
    pub address_sessions: Option<u32>,
    /// Joins a minute, of one address [default: 600]
    #[arg(long, value_name = "COUNT")]
    pub address_joins_per_minute: Option<u32>,
    /// Requests for rooms, looks and tokens a minute, of one address [default: 1800]
    #[arg(long, value_name = "COUNT")]
    pub address_requests_per_minute: Option<u32>,
}
