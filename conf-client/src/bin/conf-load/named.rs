//! `conf-load run NAME` and `conf-load list`: named workloads over WHIP and WHEP.

use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use conf_client::load::report::{Report, Second};
use conf_client::load::run::{self, Options, Progress};
use conf_client::load::whip::Whip;
use conf_client::load::workload::{Scaled, WORKLOADS, Workload};

/// What a run is made of.
#[derive(Args)]
pub(crate) struct Run {
    /// The workload; `conf-load list` shows all.
    name: String,
    /// The server, such as http://127.0.0.1:8080.
    #[arg(long)]
    server: String,
    /// How to speak with it.
    #[arg(long, value_enum, default_value_t = Speak::Whip)]
    speak: Speak,
    /// A file with a bearer token, where the server wants one.
    #[arg(long)]
    token_file: Option<PathBuf>,
    /// Multiplies the people (or rooms) of the workload.
    #[arg(long, default_value_t = 1.0, value_parser = positive)]
    scale: f64,
    /// How long to count, in seconds, instead of the workload's own time.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=86400))]
    duration: Option<u64>,
    /// Bitrate of each camera in kbit/s, instead of the workload's own.
    #[arg(long, value_parser = clap::value_parser!(u32).range(10..=20000))]
    bitrate: Option<u32>,
    /// The most lines for video a receiver offers.
    #[arg(long)]
    video_slots: Option<u16>,
    /// The most lines for sound a receiver offers.
    #[arg(long)]
    audio_slots: Option<u16>,
    /// What the rooms' names begin with; different in every run unless given.
    #[arg(long)]
    room: Option<String>,
    /// The server's process: its processor time and memory are counted.
    #[arg(long)]
    server_pid: Option<u32>,
    /// What the server is and its version, for the report.
    #[arg(long, default_value = "not told")]
    server_version: String,
    /// The address media is sent from.
    #[arg(long, default_value = "127.0.0.1")]
    local: IpAddr,
    /// Threads that play the peers.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    threads: u32,
    /// On average one received packet of so many is decrypted and checked.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    open_every: u32,
    /// A file for the figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// A file for the figures of every second, one JSON object a line.
    #[arg(long)]
    raw: Option<PathBuf>,
    /// Ends with an error when the figures do not count.
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Speak {
    /// WHIP and WHEP at `/whip/{room}/{id}` and `/whep/{room}/{id}`.
    Whip,
}

fn positive(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|_| "expected a number".to_owned())?;
    (factor > 0.0 && factor <= 1000.0)
        .then_some(factor)
        .ok_or_else(|| "expected a number above 0, at most 1000".to_owned())
}

/// Lists the workloads as a table.
pub(crate) fn list() -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "| workload | rooms | send | only receive | `--scale` multiplies | what |")?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for workload in &WORKLOADS {
        let Workload { name, rooms, publishers, viewers, about, .. } = workload;
        let scaled = match workload.scaled {
            Scaled::Publishers => "senders",
            Scaled::Viewers => "viewers",
            Scaled::Rooms => "rooms",
        };
        writeln!(out, "| {name} | {rooms} | {publishers} | {viewers} | {scaled} | {about} |")?;
    }
    Ok(())
}

/// Runs a workload and prints what came of it.
pub(crate) fn run(arguments: &Run) -> anyhow::Result<()> {
    let Speak::Whip = arguments.speak;
    let mut workload = Workload::named(&arguments.name)
        .with_context(|| format!("no workload `{}`; see `conf-load list`", arguments.name))?
        .scale(arguments.scale);
    if let Some(seconds) = arguments.duration {
        workload.seconds = seconds;
    }
    if let (Some(kbps), Some(camera)) = (arguments.bitrate, &mut workload.camera) {
        camera.kbps = kbps;
    }
    let (video, sound) = &mut workload.most_slots;
    *video = arguments.video_slots.unwrap_or(*video).min(*video);
    *sound = arguments.audio_slots.unwrap_or(*sound).min(*sound);
    let token = match &arguments.token_file {
        Some(file) => Some(
            std::fs::read_to_string(file)
                .with_context(|| format!("the token in {}", file.display()))?
                .trim()
                .to_owned(),
        ),
        None => None,
    };
    let own = std::process::id();
    let options = Options {
        whip: Whip::new(&arguments.server, token)?,
        room: arguments.room.clone().unwrap_or_else(|| format!("load-{own}")),
        scale: arguments.scale,
        server_pid: arguments.server_pid,
        server: arguments.server_version.clone(),
        local: arguments.local,
        threads: arguments.threads as usize,
        open_every: arguments.open_every,
    };
    let mut seconds = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(run::run(&workload, &options, |progress| {
        if let Progress::Second(second) = progress {
            seconds.push(second);
        }
        show(progress);
    }))?;
    keep(arguments, &report, &seconds)?;
    writeln!(std::io::stdout().lock(), "{}", report.markdown())?;
    anyhow::ensure!(!arguments.strict || report.valid, "{}", report.notes.join("; "));
    Ok(())
}

fn keep(arguments: &Run, report: &Report, seconds: &[Second]) -> anyhow::Result<()> {
    if let Some(file) = &arguments.json {
        let json = serde_json::to_string_pretty(report)?;
        std::fs::write(file, json + "\n")
            .with_context(|| format!("the figures to {}", file.display()))?;
    }
    if let Some(file) = &arguments.raw {
        let mut lines = String::new();
        for second in seconds {
            lines += &serde_json::to_string(second)?;
            lines.push('\n');
        }
        std::fs::write(file, lines)
            .with_context(|| format!("the seconds to {}", file.display()))?;
    }
    Ok(())
}

/// One line a step on standard error, so that standard output holds the table only.
fn show(progress: Progress) {
    let line = match progress {
        // A thousand people need no thousand lines.
        Progress::Joining { joined, of } if joined % 50 == 0 || joined == of => {
            format!("joining: {joined} of {of}")
        }
        Progress::WarmingUp => "warming up".to_owned(),
        Progress::Second(Second { at_seconds, packets, missing, repaired, .. }) => {
            format!(
                "{at_seconds:6.1} s  {packets:>8} packets  {missing} missing  {repaired} repaired"
            )
        }
        Progress::Settling => "settling".to_owned(),
        _ => return,
    };
    // A closed terminal is no reason to stop counting.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
