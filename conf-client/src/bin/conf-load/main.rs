//! `conf-load`: fills a server with synthetic participants and says what it carried.
#![forbid(unsafe_code)]

mod named;
mod talk;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use conf_client::driver::Api;
use conf_client::link::Engine;
use conf_client::script::{self, Load, LoadReport, Progress};

/// Fills a server with synthetic participants and says what it carried.
///
/// Everyone in a room receives; publishers also send. Media goes over the address
/// the server names, so server and tool may be on different machines.
#[derive(Parser)]
#[command(name = "conf-load", version)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    rooms: Option<Arguments>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a named workload over WHIP and WHEP, against any server that speaks them.
    Run(Box<named::Run>),
    /// Lists the named workloads.
    List,
    /// Fills one room with people who only talk: chat, hands, signs and a poll.
    Talk(Box<talk::Arguments>),
}

/// Rooms filled over the server's own signalling.
#[derive(Args)]
struct Arguments {
    /// The server, such as http://127.0.0.1:8080.
    #[arg(long)]
    server: String,
    /// A file with the operator's key, where making a room needs it.
    #[arg(long)]
    operator_key_file: Option<PathBuf>,
    /// Rooms.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rooms: u32,
    /// People per room who send and receive.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=1000))]
    publishers: u32,
    /// People per room who only receive.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=10000))]
    subscribers: u32,
    /// Slots for video of each.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u8).range(0..=100))]
    video_slots: u8,
    /// How long to count, in seconds.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=86400))]
    duration: u64,
    /// People who join the first room while it is counted; they send as publishers do.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1000))]
    late: u32,
    /// Within how many seconds the late ones join.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    late_within: u64,
    /// Bitrate of each camera, all layers together, in kbit/s.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(10..=20000))]
    bitrate: u32,
    /// Cameras send three layers.
    #[arg(long)]
    simulcast: bool,
    /// Microphones are sent too.
    #[arg(long)]
    audio: bool,
    /// The server's process: its processor time and memory are counted.
    #[arg(long)]
    server_pid: Option<u32>,
    /// A file for the figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Fails when more packets than this stayed lost after repair, or when a slot that
    /// should carry video stayed idle, or when late ones made others negotiate anew.
    #[arg(long)]
    max_lost: Option<u64>,
    /// Which library plays the peers.
    #[arg(long, value_enum, default_value_t = EngineName::Light)]
    engine: EngineName,
}

#[derive(Clone, Copy, ValueEnum)]
enum EngineName {
    Light,
    Webrtc,
}

fn main() -> anyhow::Result<()> {
    let line = CommandLine::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match (&line.command, &line.rooms) {
        (Some(Command::Run(run)), _) => named::run(run),
        (Some(Command::List), _) => named::list(),
        (Some(Command::Talk(arguments)), _) => talk::run(arguments),
        (None, Some(rooms)) => fill_rooms(rooms),
        (None, None) => {
            CommandLine::command().print_help()?;
            Ok(())
        }
    }
}

/// The operator's key as it stands in a file.
fn operator_key(file: Option<&Path>) -> anyhow::Result<Option<String>> {
    let read = |file: &Path| {
        std::fs::read_to_string(file)
            .map(|key| key.trim().to_owned())
            .with_context(|| format!("the operator's key in {}", file.display()))
    };
    file.map(read).transpose()
}

fn fill_rooms(arguments: &Arguments) -> anyhow::Result<()> {
    let load = Load {
        api: Api::new(&arguments.server),
        operator_key: operator_key(arguments.operator_key_file.as_deref())?,
        rooms: arguments.rooms,
        publishers: arguments.publishers,
        subscribers: arguments.subscribers,
        video_slots: arguments.video_slots,
        duration: Duration::from_secs(arguments.duration),
        late: arguments.late,
        late_within: Duration::from_secs(arguments.late_within),
        kbps: arguments.bitrate,
        simulcast: arguments.simulcast,
        audio: arguments.audio,
        engine: match arguments.engine {
            EngineName::Light => Engine::Light,
            EngineName::Webrtc => Engine::Webrtc,
        },
        server_pid: arguments.server_pid,
    };

    // Media on one thread, signalling on another: what the tool costs stays in sight.
    let media = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let media_handle = media.handle().clone();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let media_thread = std::thread::Builder::new().name("media".to_owned()).spawn(move || {
        // Ends when the story is told, or when this process fails.
        let _ = media.block_on(stopped);
    })?;
    let signalling = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = signalling.block_on(script::run(&load, &media_handle, show))?;
    drop(stop);
    media_thread.join().map_err(|_| anyhow::anyhow!("the media thread failed"))?;

    print(&report)?;
    if let Some(file) = &arguments.json {
        let json = serde_json::to_string_pretty(&report)?;
        std::fs::write(file, json + "\n")
            .with_context(|| format!("the figures to {}", file.display()))?;
    }
    arguments.max_lost.map_or(Ok(()), |most| judge(&report, most))
}

/// Whether the load arrived as `--max-lost` asks.
fn judge(report: &LoadReport, most: u64) -> anyhow::Result<()> {
    let (lost, idle) = (report.lost, report.idle_slots);
    anyhow::ensure!(report.packets_per_second > 0.0, "no packet was delivered");
    anyhow::ensure!(idle == 0, "{idle} participants had slots that carried nothing");
    let further = report.further_offers;
    anyhow::ensure!(further == 0, "{further} descriptions were offered by people already there");
    anyhow::ensure!(lost <= most, "{lost} packets stayed lost after repair, at most {most} may");
    Ok(())
}

/// One line a step on standard error, so that standard output holds the table only.
fn show(progress: Progress) {
    let line = match progress {
        Progress::Joining { joined, of } => format!("joining: {joined} of {of}"),
        Progress::WarmingUp => "warming up".to_owned(),
        Progress::Running { elapsed, packets, missing } => {
            let seconds = elapsed.as_secs_f64();
            format!("{seconds:6.1} s  {packets:>8} packets/s  {missing} missing")
        }
        Progress::Settling => "settling".to_owned(),
        _ => return,
    };
    // A closed terminal is no reason to stop counting.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

fn print(report: &LoadReport) -> std::io::Result<()> {
    let mut rows = vec![
        ("participants", format!("{} in {} rooms", report.participants, report.rooms)),
        ("counted", format!("{:.1} s", report.seconds)),
        ("delivered", format!("{:.0} packets/s", report.packets_per_second)),
        ("payload", format!("{:.1} Mbit/s", report.mbit_per_second)),
        ("frames", format!("{:.0} /s", report.frames_per_second)),
        ("lost after repair", format!("{} ({:.1} ppm)", report.lost, report.lost_ppm)),
        ("late or repaired", report.late.to_string()),
        ("repeated", report.repeated.to_string()),
        ("slot sequence gaps", report.gaps.to_string()),
        ("slot switches", report.switches.to_string()),
        ("participants with idle slots", report.idle_slots.to_string()),
        ("latency p50", format!("{:.2} ms", report.latency_p50_ms)),
        ("latency p99", format!("{:.2} ms", report.latency_p99_ms)),
        ("latency max", format!("{:.2} ms", report.latency_max_ms)),
        ("join p50", format!("{:.1} ms", report.join_p50_ms)),
        ("tool CPU", format!("{:.2} s", report.client_cpu_seconds)),
    ];
    if let Some(late) = &report.late_comers {
        let (people, seconds) = (late.people, late.seconds);
        rows.push(("came late", format!("{people} within {seconds:.1} s, media included")));
        let (half, most) = (late.join_p50_ms, late.join_max_ms);
        rows.push(("late join p50, max", format!("{half:.0} ms, {most:.0} ms")));
        rows.push(("descriptions by those there", report.further_offers.to_string()));
    }
    if let Some(server) = &report.server {
        let (cpu, cores) = (server.cpu_seconds, server.cores);
        rows.push(("server CPU", format!("{cpu:.2} s ({cores:.2} cores)")));
        rows.push(("server CPU per packet", format!("{:.2} us", server.cpu_us_per_packet)));
        let kb = |bytes: i64| format!("{:.0} kB", bytes as f64 / 1024.0);
        rows.push(("server PSS per participant", kb(server.pss_per_participant)));
        rows.push(("server RSS per participant", kb(server.rss_per_participant)));
        rows.push(("server PSS", kb(server.pss_after as i64)));
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "| figure | value |\n|---|---|")?;
    for (name, value) in rows {
        writeln!(out, "| {name} | {value} |")?;
    }
    Ok(())
}
