//! `cargo xtask serve`: from a fresh clone to a running server.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::run::{built, exists, run};
use crate::web;

/// Builds the web client and the server, then becomes the server.
pub(crate) fn serve(release: bool, args: &[String]) -> Result<()> {
    if exists("node") || crate::run::output("id", &["-u"]).as_deref() == Some("0") {
        web::build()?;
    } else {
        println!("no Node on this machine: the server will show a notice instead of the client");
    }
    let profile = if release { "release" } else { "dev" };
    run("cargo", &["build", "--package", "reference-server", "--profile", profile])?;
    let folder = if release { "release" } else { "debug" };
    let program = built(folder).join("conf-server");
    // The server replaces this process, so that signals reach it.
    let error = Command::new(&program).arg("serve").args(args).exec();
    Err(error).with_context(|| format!("cannot start {}", program.display()))
}
