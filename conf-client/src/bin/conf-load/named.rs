//! `conf-load run NAME` and `conf-load list`: named workloads over WHIP and WHEP.

use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};
use conf_client::load::memory;
use conf_client::load::party::Options;
use conf_client::load::report::{Report, Second};
use conf_client::load::run::{self, Progress};
use conf_client::load::whip::Whip;
use conf_client::load::workload::{Course, Scaled, WORKLOADS, Workload};

/// What a run is made of.
#[derive(Args)]
pub(crate) struct Run {
    /// The workload, `memory` or `joins-and-leaves`; `conf-load list` shows all.
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
    /// Rooms, instead of the workload's own.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rooms: Option<u32>,
    /// People per room who send, instead of the workload's own.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=9_999))]
    publishers: Option<u32>,
    /// People per room who only receive, instead of the workload's own.
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=9_999))]
    viewers: Option<u32>,
    /// People who join while it is counted, of workloads that have them.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=9_999))]
    joins: Option<u32>,
    /// Within how many seconds they join.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=600))]
    within: Option<u64>,
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
    writeln!(
        out,
        "| memory | 1 | 9 | 200 | viewers | memory of each idle participant, and with nine videos |\n\
         | joins-and-leaves | 1 | 0 | 10000 | joins | memory after many joined and left |"
    )?;
    Ok(())
}

/// Runs a workload and prints what came of it.
pub(crate) fn run(arguments: &Run) -> anyhow::Result<()> {
    let Speak::Whip = arguments.speak;
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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match arguments.name.as_str() {
        "memory" => {
            let report = runtime.block_on(memory::participants(&options))?;
            write_json(arguments, &report)?;
            writeln!(std::io::stdout().lock(), "{}", report.markdown())?;
            anyhow::ensure!(!arguments.strict || report.valid, "the figures do not count");
            return Ok(());
        }
        "joins-and-leaves" => {
            let report = runtime.block_on(memory::joins_and_leaves(&options, |done| {
                // A closed terminal is no reason to stop counting.
                let _ = writeln!(std::io::stderr().lock(), "joined and left: {done}");
            }))?;
            write_json(arguments, &report)?;
            writeln!(std::io::stdout().lock(), "{}", report.markdown())?;
            return Ok(());
        }
        _ => {}
    }
    let workload = workload(arguments)?;
    let mut seconds = Vec::new();
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

fn workload(arguments: &Run) -> anyhow::Result<Workload> {
    let mut workload = Workload::named(&arguments.name)
        .with_context(|| format!("no workload `{}`; see `conf-load list`", arguments.name))?;
    workload.rooms = arguments.rooms.unwrap_or(workload.rooms);
    workload.publishers = arguments.publishers.unwrap_or(workload.publishers);
    workload.viewers = arguments.viewers.unwrap_or(workload.viewers);
    let mut workload = workload.scale(arguments.scale);
    workload.seconds = arguments.duration.unwrap_or(workload.seconds);
    if let (Some(kbps), Some(camera)) = (arguments.bitrate, &mut workload.camera) {
        camera.kbps = kbps;
    }
    if let Course::Joins { joins, within } = &mut workload.course {
        *joins = arguments.joins.unwrap_or(*joins);
        *within = arguments.within.map_or(*within, Duration::from_secs);
    }
    let (video, sound) = &mut workload.most_slots;
    *video = arguments.video_slots.unwrap_or(*video).min(*video);
    *sound = arguments.audio_slots.unwrap_or(*sound).min(*sound);
    Ok(workload)
}

fn write_json(arguments: &Run, report: &impl serde::Serialize) -> anyhow::Result<()> {
    let Some(file) = &arguments.json else { return Ok(()) };
    let json = serde_json::to_string_pretty(report)?;
    std::fs::write(file, json + "\n").with_context(|| format!("the figures to {}", file.display()))
}

fn keep(arguments: &Run, report: &Report, seconds: &[Second]) -> anyhow::Result<()> {
    write_json(arguments, report)?;
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
