//! Reports as the operator reads them, in words or as JSON.

use std::fmt::Write as _;

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

/// A moment as people write it, in UTC (days to a date after Howard Hinnant's `civil_from_days`).
fn utc(ms: u64) -> String {
    let seconds = ms / 1_000;
    let (days, of_day) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_a_date() {
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(951_782_400_000), "2000-02-29 00:00:00 UTC");
        assert_eq!(utc(1_796_052_723_456), "2026-11-30 15:32:03 UTC");
    }
}
