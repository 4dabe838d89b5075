//! Who is measured, and the server process each is.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::run::{output, run};

/// One of those measured in turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contender {
    /// `conf-server`.
    Ours,
    /// Sealed and sent, nothing else.
    Floor,
    /// The small SFU on `str0m`, with the library's estimator and pacer.
    Str0m,
    /// The same without these two.
    Str0mPlain,
    /// The small SFU on `webrtc`.
    Webrtc,
}

impl Contender {
    /// In the order of the table's columns.
    pub(crate) const ALL: [Self; 5] =
        [Self::Floor, Self::Ours, Self::Str0m, Self::Str0mPlain, Self::Webrtc];

    /// As it is called in the table and in file names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "conf-server",
            Self::Floor => "floor",
            Self::Str0m => "peer-str0m",
            Self::Str0mPlain => "peer-str0m-plain",
            Self::Webrtc => "peer-webrtc",
        }
    }
}

/// A server process, made and ended here.
pub(crate) struct Running {
    child: Child,
    url: String,
    data: Option<PathBuf>,
}

impl Running {
    /// Starts one on loopback with free ports and waits for its ready line.
    pub(crate) fn start(folder: &Path, contender: Contender) -> Result<Self> {
        let plain = contender == Contender::Str0mPlain;
        let name = if plain { Contender::Str0m.name() } else { contender.name() };
        let program = folder.join(name);
        let mut command = Command::new(&program);
        let mut data = None;
        if contender == Contender::Ours {
            let folder =
                std::env::temp_dir().join(format!("conf-compare-data-{}", std::process::id()));
            command.args(["serve", "--open-rooms", "--data-dir"]).arg(&folder);
            data = Some(folder);
            // One media thread, so that its cost is that of one core's work; a server without
            // the flag has one anyway.
            let known = output(&program.to_string_lossy(), &["serve", "--help"]);
            if known.is_some_and(|help| help.contains("--media-threads")) {
                command.args(["--media-threads", "1"]);
            }
        } else if plain {
            command.arg("--no-estimation");
        }
        command.args(["--listen", "127.0.0.1:0", "--media-listen", "127.0.0.1:0"]);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        // Ends with this value from here on, whatever happens.
        let mut running = Self { child, url: String::new(), data };
        let stdout = running.child.stdout.take().context("a server without stdout")?;
        let mut ready = String::new();
        let mut lines = BufReader::new(stdout);
        lines.read_line(&mut ready)?;
        let url = ready.split_whitespace().find_map(|word| word.strip_prefix("http="));
        let Some(url) = url else {
            bail!("expected a line with http=URL, found `{}`", ready.trim());
        };
        running.url = url.to_owned();
        // A server that says more must not wait for a reader; nobody needs what it says.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Ok(running)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Asked first, by its own id, so that it may close its files.
        let asked = run("kill", &[self.child.id().to_string()]);
        if asked.is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
        if let Some(data) = &self.data {
            let _ = std::fs::remove_dir_all(data);
            let _ = std::fs::remove_dir_all(data.with_extension("keys"));
        }
    }
}
