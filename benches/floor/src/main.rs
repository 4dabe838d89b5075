//! `conf-floor`: what a trace costs at least on this machine, as one line and as JSON.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command-line tool talks on stdout")]

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use conf_floor::measure::{Plan, run};
use conf_floor::receivers::Joining;
use conf_floor::seal::Profile;
use conf_floor::trace::Trace;

/// Seals a packet trace for every receiver and sends it, and nothing else; prints what a packet
/// costs. Without --trace the shape is taken from the other options.
#[derive(Parser)]
#[command(name = "conf-floor")]
struct Arguments {
    /// A report of `conf-load` whose `trace` is to be sent.
    #[arg(long)]
    trace: Option<PathBuf>,
    /// Rooms side by side.
    #[arg(long, default_value_t = 1)]
    rooms: u32,
    /// Video streams in each room.
    #[arg(long, default_value_t = 1)]
    video_streams: u32,
    /// Audio streams in each room.
    #[arg(long, default_value_t = 1)]
    audio_streams: u32,
    /// How many receive each stream.
    #[arg(long, default_value_t = 200)]
    receivers: u32,
    /// Packets of one video frame.
    #[arg(long, default_value_t = 6.0)]
    packets_per_frame: f64,
    /// RTP payload of a video packet, in bytes.
    #[arg(long, default_value_t = 1042.0)]
    payload_bytes: f64,
    /// Video frames a second.
    #[arg(long, default_value_t = 30.0)]
    frames_per_second: f64,
    /// RTP payload of an audio packet, in bytes.
    #[arg(long, default_value_t = 60.0)]
    audio_payload_bytes: f64,
    /// Audio packets a second.
    #[arg(long, default_value_t = 50.0)]
    audio_per_second: f64,
    /// How long is counted, in seconds.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// The cipher, instead of the report's; without either AES-256-GCM.
    #[arg(long, value_enum)]
    cipher: Option<Cipher>,
    /// Receivers take each datagram by itself, without `UDP_GRO`.
    #[arg(long)]
    no_joining: bool,
    /// The cores of the sender and of the receivers, such as `0,1`.
    #[arg(long, value_delimiter = ',')]
    cores: Option<Vec<usize>>,
    /// A file for the figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Cipher {
    Aes256Gcm,
    Aes128Gcm,
}

impl Arguments {
    fn trace(&self) -> anyhow::Result<(Trace, Profile)> {
        if let Some(file) = &self.trace {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("the report {}", file.display()))?;
            return Trace::from_report(&text)
                .with_context(|| format!("the trace in {}", file.display()));
        }
        let trace = Trace {
            rooms: self.rooms,
            video_streams: self.video_streams,
            audio_streams: self.audio_streams,
            receivers: self.receivers,
            packets_per_frame: self.packets_per_frame,
            payload_bytes: self.payload_bytes,
            frames_per_second: self.frames_per_second,
            audio_payload_bytes: self.audio_payload_bytes,
            audio_per_second: self.audio_per_second,
        };
        trace.check()?;
        Ok((trace, Profile::Aes256Gcm))
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let (trace, negotiated) = arguments.trace()?;
    anyhow::ensure!((0.1..=3600.0).contains(&arguments.seconds), "--seconds is 0.1 to 3600");
    let plan = Plan {
        within: Duration::from_secs_f64(arguments.seconds),
        profile: match arguments.cipher {
            None => negotiated,
            Some(Cipher::Aes256Gcm) => Profile::Aes256Gcm,
            Some(Cipher::Aes128Gcm) => Profile::Aes128Gcm,
        },
        joining: if arguments.no_joining { Joining::Off } else { Joining::On },
        cores: match arguments.cores.as_deref() {
            None => None,
            Some([sender, receivers]) => Some((*sender, *receivers)),
            Some(other) => anyhow::bail!("--cores takes two, found {}", other.len()),
        },
    };
    let floor = run(&trace, plan)?;
    println!(
        "floor: {:.3} us per packet sealed and sent, {:.3} us per packet for receiving; {} packets \
         in {} messages, {} lost",
        floor.us_per_packet, floor.receive_us_per_packet, floor.packets, floor.messages, floor.lost
    );
    if let Some(file) = &arguments.json {
        let json = serde_json::to_string_pretty(&floor)?;
        std::fs::write(file, json + "\n")
            .with_context(|| format!("the figures to {}", file.display()))?;
    }
    Ok(())
}
