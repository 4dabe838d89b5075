//! Long measurements, run in full by hand; CI runs a smaller form of each.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::run::{built, run, run_in};

/// A long measurement.
struct Soak {
    name: &'static str,
    what: &'static str,
    run: fn() -> Result<()>,
}

const SOAKS: &[Soak] = &[
    Soak {
        name: "twenty",
        what: "20 participants with audio and one 300 kbit/s layer, nine received videos each, 60 s",
        run: || {
            optimised(&[
                "--rooms=1",
                "--publishers=20",
                "--subscribers=0",
                "--video-slots=9",
                "--bitrate=300",
                "--audio",
                "--duration=60",
                "--max-lost=0",
            ])
        },
    },
    Soak {
        name: "crowd",
        what: "30 people with camera and microphone join a room of 200 within 5 s, counted for 20 s",
        run: || {
            optimised(&[
                "--rooms=1",
                "--publishers=4",
                "--subscribers=196",
                "--video-slots=4",
                "--bitrate=150",
                "--audio",
                "--late=30",
                "--late-within=5",
                "--duration=20",
                "--max-lost=0",
            ])
        },
    },
    Soak {
        name: "talk",
        what: "200 people without media: 20 chat lines a second, signs, hands, 200 votes in 10 s",
        run: || optimised(&["talk", "--people=200", "--duration=60", "--strict", "--in-time"]),
    },
    Soak {
        name: "flood",
        what: "a flooding client, frames of 10 MB and 1,000 sockets beside a meeting, 60 s",
        run: flood,
    },
    Soak {
        name: "joins",
        what: "memory of 200 participants, 10,000 joins and leaves, 200 joins into a room in 10 s",
        run: crate::joins::soak,
    },
    Soak {
        name: "shards",
        what: "a packet's cost on two media threads beside what it costs on one, and their shares",
        run: || shards(&["--release"], &["--judge", "200", "5", "5"]),
    },
    Soak {
        name: "fuzz",
        what: "every fuzz target from its corpus on, 10^8 executions in sum, up to an hour",
        run: crate::fuzz::fuzz,
    },
];

/// One of the server's stories, made longer.
fn flood() -> Result<()> {
    let story = "flood::a_flood_is_slowed_then_dropped_and_the_others_notice_nothing";
    let test = ["test", "--release", "-p", "reference-server", "--all-features"];
    let only = ["--test", "server", "--", "--exact", story, "--nocapture"];
    run_in(Path::new("."), "cargo", &[&test[..], &only].concat(), &[("CONF_FLOOD_S", "60")])
}

/// Builds and runs the measurement of several media threads.
pub(crate) fn shards(build: &[&str], arguments: &[&str]) -> Result<()> {
    let which = ["-p", "conf-media", "--all-features", "--example", "shards", "--"];
    run("cargo", &[&["run"], build, &which, arguments].concat())
}

/// Runs the soak called `name`, or lists them.
pub(crate) fn soak(name: Option<&str>) -> Result<()> {
    let Some(name) = name else {
        for soak in SOAKS {
            println!("{:<10} {}", soak.name, soak.what);
        }
        return Ok(());
    };
    let soak = SOAKS.iter().find(|soak| soak.name == name).with_context(|| {
        let names: Vec<_> = SOAKS.iter().map(|soak| soak.name).collect();
        format!("no soak is called `{name}`; there are: {}", names.join(", "))
    })?;
    println!("{}: {}", soak.name, soak.what);
    (soak.run)()
}

/// Builds everything optimised and runs a load.
fn optimised(arguments: &[&str]) -> Result<()> {
    run("cargo", &["build", "--release", "--workspace", "--all-features", "--bins"])?;
    load(&built("release"), arguments)
}

/// Runs `conf-load` from `folder` against a server of its own, made and ended here.
pub(crate) fn load(folder: &Path, arguments: &[&str]) -> Result<()> {
    let data = std::env::temp_dir().join(format!("conf-soak-{}", std::process::id()));
    let mut server = Command::new(folder.join("conf-server"))
        .args(["serve", "--listen", "127.0.0.1:0", "--media-listen", "127.0.0.1:0", "--data-dir"])
        .arg(&data)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start conf-server")?;
    let result = measure(folder, arguments, &mut server);
    // Ended by its own id; the pages it kept are ours to remove.
    let _ = run("kill", &[server.id().to_string()]);
    let _ = server.wait();
    let _ = std::fs::remove_dir_all(&data);
    let _ = std::fs::remove_dir_all(data.with_extension("keys"));
    result
}

fn measure(folder: &Path, arguments: &[&str], server: &mut Child) -> Result<()> {
    let stdout = server.stdout.take().context("the server has no stdout")?;
    let mut ready = String::new();
    BufReader::new(stdout).read_line(&mut ready)?;
    let Some(url) = ready.split_whitespace().find_map(|word| word.strip_prefix("http=")) else {
        bail!("expected `conf ready http=URL …`, found `{}`", ready.trim());
    };
    let program = folder.join("conf-load");
    let pid = server.id().to_string();
    // Behind the others: one of these may be a subcommand.
    let mut all = arguments.to_vec();
    all.extend(["--server", url, "--server-pid", &pid]);
    run(&program.to_string_lossy(), &all)
}
