//! `conf-server`: arguments, configuration, run.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use clap::Parser as _;
use reference_server::Server;
use reference_server::config::args::{Grant, ReportsOrder};
use reference_server::config::{Arguments, Config, Order, Settings};
use reference_server::identity::{Tokens, grant};
use reference_server::reports::{in_words, written};
use reference_server::store::{Store, StoreConfig, StoreError, Wanted};
use reference_server::telemetry::log;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    match run(Arguments::parse().order) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The whole chain in one line: what failed, and why.
            let _ = writeln!(std::io::stderr(), "conf-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(order: Order) -> anyhow::Result<()> {
    match order {
        Order::Config(settings) => {
            let text = Config::load(&settings)?.describe();
            std::io::stdout().write_all(text.as_bytes()).context("cannot write to stdout")
        }
        Order::Token(grant) => print_token(&grant),
        Order::Reports(order) => runtime()?.block_on(print_reports(&order)),
        Order::Serve(settings) => {
            let runtime = runtime()?;
            let served = runtime.block_on(serve(&settings));
            // Whatever still runs has had its time.
            runtime.shutdown_background();
            served
        }
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")
}

fn now() -> anyhow::Result<conf_core::Timestamp> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    Ok(conf_core::Timestamp(u64::try_from(now.as_millis()).context("the clock is off")?))
}

/// Reads the store as the server does; that it was read is audited before anything is printed.
async fn print_reports(order: &ReportsOrder) -> anyhow::Result<()> {
    let Config { data_dir, key_dir, .. } = Config::load(&order.settings)?;
    // Opening makes what is not there, and a mistyped folder would have no reports.
    anyhow::ensure!(data_dir.is_dir(), "no data folder at {}", data_dir.display());
    let store = match Store::open(&StoreConfig { data_dir, key_dir }).await {
        Err(error @ StoreError::InUse { .. }) => {
            return Err(error).context("a server that runs is asked by GET /api/v1/reports");
        }
        opened => opened?,
    };
    let wanted = Wanted { meeting: order.meeting, number: order.number };
    let reports = store.reports(now()?, wanted).await?;
    store.close().await;
    let reports: Vec<_> = reports.iter().map(written).collect();
    let text = if order.json {
        serde_json::to_string_pretty(&reports).context("cannot write JSON")? + "\n"
    } else {
        in_words(&reports)
    };
    std::io::stdout().write_all(text.as_bytes()).context("cannot write to stdout")
}

/// Signs with the key the server verifies with; the server need not run.
fn print_token(order: &Grant) -> anyhow::Result<()> {
    let config = Config::load(&order.settings)?;
    let lifetime = order
        .hours
        .map_or(config.token_lifetime, |hours| conf_core::Span::from_mins(u64::from(hours) * 60));
    let claim = grant::grant(order.room, order.role.into(), &order.name, now()? + lifetime)?;
    let token = Tokens::open(&config.key_dir)?.mint_for_any(&claim)?;
    std::io::stdout().write_all(format!("{token}\n").as_bytes()).context("cannot write to stdout")
}

async fn serve(settings: &Settings) -> anyhow::Result<()> {
    let config = Config::load(settings)?;
    log::install(&config.log)?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;

    let server = Server::start(config).await?;
    let ready = format!(
        "conf ready http={} media={} pid={}\n",
        server.url(),
        server.media_addr(),
        std::process::id()
    );
    // Outside tools wait for this line; nobody may be reading any more, though.
    let mut stdout = std::io::stdout();
    let _ = stdout.write_all(ready.as_bytes()).and_then(|()| stdout.flush());

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("going down");
    server.shutdown().await;
    Ok(())
}
