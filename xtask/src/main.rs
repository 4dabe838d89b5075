//! The chores: two commands a newcomer needs (`serve`, `test`) and the parts they are made of.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a command-line tool talks on stdout")]

mod compare;
mod fuzz;
mod gallery;
mod generate;
mod icount;
mod install;
mod joins;
mod run;
mod serve;
mod soak;
mod test;
mod tidy;
mod web;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, runs and checks everything")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds the web client and the server and starts it; prints the URL.
    Serve {
        /// Builds optimised, for real use and for measurements.
        #[arg(long)]
        release: bool,
        /// Passed to `conf-server serve`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Installs what is missing and runs every check there is.
    Test {
        /// Only the steps whose name contains this.
        #[arg(long)]
        only: Option<String>,
        /// Lists the steps.
        #[arg(long)]
        list: bool,
    },
    /// Builds the web client into `reference-server/web/dist`.
    Web,
    /// Checks what the compiler does not: edges between crates, file sizes, names.
    Tidy,
    /// Writes the generated files (TypeScript messages, permission table).
    Gen,
    /// Takes the pictures of `docs/gallery` anew.
    Gallery,
    /// Counts the instructions of the benches' workloads and compares them with the baseline.
    Icount {
        /// Writes the baseline anew.
        #[arg(long)]
        bless: bool,
    },
    /// Runs a long measurement in full.
    Soak {
        /// Which; without a name the list is printed.
        name: Option<String>,
    },
    /// Measures what a packet costs our server, the peers and the floor, in turns; judges ratios.
    Compare(compare::Options),
    /// Checks dependencies against the advisory database; needs its download.
    Advisories,
}

fn main() -> anyhow::Result<()> {
    std::env::set_current_dir(run::workspace_root())?;
    match Cli::parse().task {
        Task::Serve { release, args } => serve::serve(release, &args),
        Task::Test { only, list } => test::test(only.as_deref(), list),
        Task::Web => web::build(),
        Task::Tidy => tidy::tidy(),
        Task::Gen => generate::generate(),
        Task::Gallery => gallery::gallery(),
        Task::Compare(options) => compare::compare(&options),
        Task::Icount { bless } => icount::icount(bless),
        Task::Soak { name } => soak::soak(name.as_deref()),
        Task::Advisories => {
            install::cargo_deny()?;
            run::run("cargo", &["deny", "check", "advisories"])
        }
    }
}
