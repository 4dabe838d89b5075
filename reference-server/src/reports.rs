//! Reports as the operator reads them, in words or as JSON.

use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use conf_core::Personal;
use conf_core::text::DisplayName;
use conf_proto::rest::ReportMade;

use crate::store::Report;

/// A report as it goes out.
#[must_use]
pub fn written(report: &Report) -> ReportMade {
    let name = |name: &Personal<DisplayName>| name.as_ref().map(|name| name.as_str().to_owned());
    ReportMade {
        meeting: report.meeting,
        number: report.number,
        room: report.room,
        at: report.at.0,
        by: report.by,
        by_name: name(&report.by_name),
        about: report.about,
        about_name: name(&report.about_name),
        text: report.text.as_ref().map(|text| text.as_str().to_owned()),
    }
}

/// Reports for a person to read.
#[must_use]
pub fn in_words(reports: &[ReportMade]) -> String {
    if reports.is_empty() {
        return "No reports are kept.\n".to_owned();
    }
    let mut words = String::new();
    for report in reports {
        let who = |id: conf_core::id::ParticipantId, name: &Option<String>| {
            format!("{} ({id})", name.as_deref().unwrap_or("erased"))
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(words, "{} {}", report.meeting, report.number);
        let _ = writeln!(words, "  room   {}", report.room);
        let _ = writeln!(words, "  at     {}", utc(report.at));
        let _ = writeln!(words, "  about  {}", who(report.about, &report.about_name));
        let _ = writeln!(words, "  by     {}", who(report.by, &report.by_name));
        for line in report.text.as_deref().unwrap_or("(erased)").lines() {
            let _ = writeln!(words, "  | {line}");
        }
        words.push('\n');
    }
    words
}

/// A moment as people write it, in UTC.
fn utc(ms: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_a_date() {
        assert_eq!(utc(951_782_400_000), "Tue, 29 Feb 2000 00:00:00 GMT");
        assert_eq!(utc(1_796_052_723_456), "Mon, 30 Nov 2026 15:32:03 GMT");
    }
}
