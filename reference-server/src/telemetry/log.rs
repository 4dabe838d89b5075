//! Where log lines go and what they look like.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::TryInitError;

use crate::config::{LogConfig, LogFormat};

/// Why logs could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The directives cannot be read.
    #[error("log filter `{found}`: expected directives such as `info,reference_server=debug`")]
    BadFilter {
        /// The directives.
        found: String,
        /// What was wrong.
        #[source]
        source: ParseError,
    },
    /// Somebody in this process set up logs before.
    #[error("logs were set up before")]
    Taken(#[source] TryInitError),
}

/// Sends log lines to standard error, for the whole process. Standard output
/// is for the ready line only.
///
/// # Errors
/// When the filter cannot be read or logs were set up before.
pub fn install(config: &LogConfig) -> Result<(), LogError> {
    use tracing_subscriber::util::SubscriberInitExt as _;

    let filter = EnvFilter::try_new(&config.filter)
        .map_err(|source| LogError::BadFilter { found: config.filter.clone(), source })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Colours are for people: a journal or a file gets plain text.
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let installed = match config.format {
        LogFormat::Text => lines.finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    };
    installed.map_err(LogError::Taken)
}
