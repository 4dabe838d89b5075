//! `conf-load talk`: a full room that talks without media.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use conf_client::driver::Api;
use conf_client::load::talk::{self, Talk, TalkReport};

/// Longest a command's news may take beyond what the server needs to keep it, in
/// milliseconds: 99 of 100.
const MOST_MS: f64 = 50.0;
/// Most bytes the welcome of somebody who comes late may have.
const MOST_SNAPSHOT: usize = 200_000;

/// What a talk is made of.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The server, such as http://127.0.0.1:8080.
    #[arg(long)]
    server: String,
    /// A file with the operator's key, where making a room needs it.
    #[arg(long)]
    operator_key_file: Option<PathBuf>,
    /// People in the room.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(2..=1000))]
    people: u32,
    /// Chat messages a second, of all together.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    lines: u32,
    /// Within how many seconds everyone votes.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    votes_within: u64,
    /// How long to count, in seconds.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(4..=86400))]
    duration: u64,
    /// The server's process: its processor time is counted.
    #[arg(long)]
    server_pid: Option<u32>,
    /// A file for the figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Fails when news is missing or came twice, when a command was refused or a session
    /// broke, or when the welcome of who comes late is too large.
    #[arg(long)]
    strict: bool,
    /// Fails also when news takes longer than it should; needs a machine with nothing else to do.
    #[arg(long)]
    in_time: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let talk = Talk {
        api: Api::new(&arguments.server),
        operator_key: super::operator_key(arguments.operator_key_file.as_deref())?,
        people: arguments.people,
        lines_per_second: arguments.lines,
        votes_within: Duration::from_secs(arguments.votes_within),
        duration: Duration::from_secs(arguments.duration),
        server_pid: arguments.server_pid,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(talk::run(&talk, |joined| {
        if joined % 50 == 0 || joined == talk.people {
            // A closed terminal is no reason to stop counting.
            let _ = writeln!(std::io::stderr().lock(), "joined: {joined} of {}", talk.people);
        }
    }))?;
    print(&report)?;
    if let Some(file) = &arguments.json {
        let json = serde_json::to_string_pretty(&report)?;
        std::fs::write(file, json + "\n")
            .with_context(|| format!("the figures to {}", file.display()))?;
    }
    if arguments.strict {
        judge(&report)?;
    }
    if arguments.in_time {
        let append = report.append_p99_ms.context("the server does not say how long it appends")?;
        let (found, most) = (report.delivery_p99_ms, MOST_MS + append);
        anyhow::ensure!(found <= most, "news took {found:.1} ms (p99), at most {most:.1} is asked");
    }
    Ok(())
}

fn judge(report: &TalkReport) -> anyhow::Result<()> {
    let TalkReport { people, delivered, expected, know_all_voted, .. } = report;
    anyhow::ensure!(report.told > 0, "nothing was told");
    anyhow::ensure!(report.refused == 0, "{} commands were refused", report.refused);
    anyhow::ensure!(report.broken == 0, "{} sessions broke", report.broken);
    anyhow::ensure!(delivered == expected, "{delivered} news arrived, {expected} should have");
    anyhow::ensure!(know_all_voted == people, "{know_all_voted} of {people} know that all voted");
    let bytes = report.snapshot_bytes;
    anyhow::ensure!(bytes < MOST_SNAPSHOT, "a welcome of {bytes} bytes, below {MOST_SNAPSHOT}");
    Ok(())
}

fn print(report: &TalkReport) -> std::io::Result<()> {
    let ms = |value: f64| format!("{value:.1} ms");
    let mut rows = vec![
        ("people", report.people.to_string()),
        ("counted", format!("{:.1} s", report.seconds)),
        ("commands told to everyone", report.told.to_string()),
        ("news delivered", format!("{} of {}", report.delivered, report.expected)),
        ("delivery p50", ms(report.delivery_p50_ms)),
        ("delivery p99", ms(report.delivery_p99_ms)),
        ("delivery max", ms(report.delivery_max_ms)),
        ("answer p99, votes included", ms(report.answer_p99_ms)),
    ];
    if let Some(append) = report.append_p99_ms {
        rows.push(("of it kept on disk, p99", ms(append)));
    }
    rows.push(("know that all voted", report.know_all_voted.to_string()));
    rows.push(("commands refused", report.refused.to_string()));
    rows.push(("sessions broken", report.broken.to_string()));
    rows.push(("welcome of who comes late", format!("{} bytes", report.snapshot_bytes)));
    if let Some(cpu) = report.server_cpu_seconds {
        let share = cpu / report.seconds * 100.0;
        rows.push(("server CPU", format!("{cpu:.2} s ({share:.0} % of a core)")));
    }
    rows.push(("tool CPU", format!("{:.2} s", report.client_cpu_seconds)));
    let mut out = std::io::stdout().lock();
    writeln!(out, "| figure | value |\n|---|---|")?;
    for (name, value) in rows {
        writeln!(out, "| {name} | {value} |")?;
    }
    Ok(())
}
