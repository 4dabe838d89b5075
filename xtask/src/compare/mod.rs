//! `cargo xtask compare`: what a packet costs our server, the other peers and the floor, in turns.

mod bounds;
pub(crate) mod contender;
mod cores;
mod figures;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::run::{built, run};
use bounds::{WORKLOADS, Workload};
use contender::{Contender, Outside, Running};
use cores::{Cores, on};
use figures::{Figures, Taken};

/// What is compared, and how.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    /// Which workloads of `conf-load`, such as `lecture` or, at half its size, `meeting@0.5`;
    /// without names those that have a bound.
    workloads: Vec<String>,
    /// How long each measurement counts.
    #[arg(long, default_value_t = 6)]
    seconds: u32,
    /// How often everything is measured, in turns; the medians are judged.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Where the reports of each measurement are kept, as JSON.
    #[arg(long, default_value = "target/compare")]
    out: PathBuf,
    /// The part of their size at which workloads without a scale of their own are measured.
    #[arg(long)]
    scale: Option<f64>,
    /// Measures the `webrtc` peer too. Much slower than the others: small workloads only.
    #[arg(long)]
    webrtc: bool,
    /// A server not built here, measured under workloads that have peers: NAME=COMMAND, where the
    /// command takes `--listen` and `--media-listen`, speaks WHIP and WHEP, and prints a line with
    /// http=URL, pid=PID unless it is the server itself, and media=IP unless that is loopback. May
    /// be given several times.
    #[arg(long = "beside", value_name = "NAME=COMMAND")]
    outside: Vec<String>,
    /// Measures the server only, beside the floor.
    #[arg(long)]
    no_peers: bool,
    /// Uses the programs that are built already.
    #[arg(long)]
    no_build: bool,
    /// Prints what is measured without judging ratios.
    #[arg(long)]
    no_bounds: bool,
    /// Passed to each `conf-load`, for what it knows beyond.
    #[arg(last = true)]
    load: Vec<String>,
}

/// Measures, prints the table, keeps the raw figures; fails where a bound is exceeded.
pub(crate) fn compare(options: &Options) -> Result<()> {
    if !options.no_build {
        run("cargo", &["build", "--release", "--workspace", "--all-features", "--bins"])?;
    }
    let all = measure(&built("release"), options)?;
    table::print(&all);
    if options.no_bounds {
        return Ok(());
    }
    let exceeded = bounds::judge(&all);
    exceeded.iter().for_each(|line| println!("{line}"));
    ensure!(exceeded.is_empty(), "{} bounds are exceeded", exceeded.len());
    Ok(())
}

/// The small form for every check: unoptimised programs, few receivers, three seconds. Judges that
/// nothing is lost and that every figure is there.
pub(crate) fn small() -> Result<()> {
    let out = std::env::temp_dir().join(format!("conf-compare-{}", std::process::id()));
    let options = Options {
        workloads: vec!["lecture".to_owned()],
        seconds: 3,
        rounds: 1,
        out: out.clone(),
        scale: Some(0.05),
        webrtc: true,
        outside: Vec::new(),
        no_peers: false,
        no_build: true,
        no_bounds: true,
        load: Vec::new(),
    };
    let measured = measure(&built("debug"), &options);
    let _ = fs::remove_dir_all(&out);
    let all = measured?;
    table::print(&all);
    for taken in &all {
        ensure!(taken.lost() == 0, "{}: {} packets were lost", taken.workload, taken.lost());
        for contender in Contender::BUILT {
            let cost = taken.cost(contender).map(|cost| cost.median);
            ensure!(
                cost.is_some_and(|cost| cost > 0.0),
                "{}: no cost of {}",
                taken.workload,
                contender.name()
            );
        }
    }
    Ok(())
}

fn chosen(options: &Options) -> Result<Vec<Workload>> {
    let bounded = WORKLOADS.iter().map(|workload| workload.name.clone());
    let names =
        if options.workloads.is_empty() { bounded.collect() } else { options.workloads.clone() };
    names.iter().map(|name| Workload::chosen(name, options.scale)).collect()
}

/// All rounds of all workloads.
fn measure(folder: &Path, options: &Options) -> Result<Vec<Taken>> {
    let outside: Vec<_> =
        options.outside.iter().map(|text| Outside::named(text)).collect::<Result<_>>()?;
    ensure!(options.rounds > 0 && options.seconds > 0, "at least one round of one second");
    let cores = Cores::parted();
    match &cores {
        Some(Cores { server, load }) => println!("servers on core {server}, their load on {load}"),
        None => println!("one core, or no taskset: servers and their load are in each other's way"),
    }
    fs::create_dir_all(&options.out)
        .with_context(|| format!("the folder {}", options.out.display()))?;
    let mut all: Vec<Taken> = chosen(options)?.iter().map(Taken::new).collect();
    for round in 1..=options.rounds {
        for taken in &mut all {
            let mut order = contenders(&taken.bounds, options, &outside);
            // What comes first may find another machine than what comes last: take turns. The
            // first round begins with ours, whose report says what the floor has to send.
            if round % 2 == 0 {
                order.reverse();
            }
            for contender in order {
                let name = taken.workload.clone();
                println!("round {round}/{}: {name}, {}", options.rounds, contender.name());
                let file = options.out.join(format!("{name}-{}-{round}.json", contender.name()));
                let case = Case { contender, workload: &taken.bounds, cores: cores.as_ref() };
                let figures = one(folder, &case, &file, options)
                    .with_context(|| format!("{name}, {}", contender.name()))?;
                taken.add(contender, figures);
            }
        }
    }
    Ok(all)
}

/// Who is measured under a workload.
fn contenders(
    workload: &Workload,
    options: &Options,
    outside: &[&'static Outside],
) -> Vec<Contender> {
    let mut all = vec![Contender::Ours, Contender::Floor];
    if workload.with_peers() && !options.no_peers {
        all.extend([Contender::Str0m, Contender::Str0mPlain]);
        all.extend(options.webrtc.then_some(Contender::Webrtc));
        all.extend(outside.iter().copied().map(Contender::Outside));
    }
    all
}

/// Who is measured how.
struct Case<'a> {
    contender: Contender,
    workload: &'a Workload,
    cores: Option<&'a Cores>,
}

/// One measurement.
fn one(folder: &Path, case: &Case<'_>, file: &Path, options: &Options) -> Result<Figures> {
    let Case { contender, workload, cores } = *case;
    let shown = file.to_string_lossy();
    let seconds = options.seconds.to_string();
    if contender == Contender::Floor {
        // The trace of the first round, in every round: the same packets for all.
        let ours = format!("{}-{}-1.json", workload.label(), Contender::Ours.name());
        let trace = options.out.join(ours);
        let trace = trace.to_string_lossy();
        let program = folder.join("conf-floor");
        let pair = cores.map(Cores::pair);
        let mut arguments = vec!["--trace", &trace, "--seconds", &seconds, "--json", &shown];
        if let Some(pair) = &pair {
            arguments.extend(["--cores", pair]);
        }
        run(&program.to_string_lossy(), &arguments)?;
        return Figures::of_floor(&fs::read_to_string(file)?);
    }
    let server = Running::start(folder, contender, cores.map(|cores| cores.server.as_str()))?;
    let mut words = vec![
        folder.join("conf-load").to_string_lossy().into_owned(),
        "run".to_owned(),
        workload.name.clone(),
    ];
    let pid = server.id().to_string();
    for (flag, value) in [
        ("--speak", "whip"),
        ("--server", server.url()),
        ("--server-pid", &pid),
        ("--duration", &seconds),
        ("--json", &shown),
        ("--server-version", contender.name()),
    ] {
        words.extend([flag.to_owned(), value.to_owned()]);
    }
    if let Some(local) = server.local() {
        words.extend(["--local".to_owned(), local.to_string()]);
    }
    if let Some(scale) = workload.scale {
        words.extend(["--scale".to_owned(), scale.to_string()]);
    }
    words.extend(options.load.iter().cloned());
    println!("$ {}", words.join(" "));
    let ended = on(cores.map(|cores| cores.load.as_str()), &words).status()?;
    ensure!(ended.success(), "conf-load ended with {ended}");
    let text = fs::read_to_string(file)?;
    let Some(figures) = Figures::of_load(&text)? else {
        bail!("the report {shown} has no processor time of the server");
    };
    Ok(figures)
}
