//! Which part of something is asked for (RFC 9110, section 14): all of it, or one range of bytes.

use std::ops::Range;

use axum::http::{HeaderMap, header};

/// What of something is to be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// All of it.
    Whole,
    /// These bytes; never none.
    Part(Range<u64>),
    /// What lies beyond its end.
    Beyond,
}

/// What a request asks for of something that has so many `bytes` and the entity tag `tag`.
///
/// What is not understood is not asked: several ranges, other units, and parts of something
/// that was meanwhile another. The answer is then the whole, as the RFC allows.
pub(crate) fn asked(headers: &HeaderMap, bytes: u64, tag: &str) -> Asked {
    let other = headers.get(header::IF_RANGE).is_some_and(|known| known != tag);
    let range = headers.get(header::RANGE).filter(|_| !other);
    range.and_then(|range| parse(range.to_str().ok()?, bytes)).unwrap_or(Asked::Whole)
}

fn parse(range: &str, bytes: u64) -> Option<Asked> {
    let (unit, range) = range.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let part = match (first, last) {
        ("", most) => bytes.saturating_sub(number(most)?)..bytes,
        (first, "") => number(first)?..bytes,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(bytes)
        }
    };
    Some(if part.is_empty() { Asked::Beyond } else { Asked::Part(part) })
}

/// Digits alone; more than can be counted is more than there is.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const TAG: &str = "\"file\"";

    fn of_ten(range: &'static str) -> Asked {
        let headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(range))]);
        asked(&headers, 10, TAG)
    }

    #[test]
    fn one_range_is_a_part() {
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=3-5", 3..6),
            ("Bytes=3-5", 3..6),
            ("bytes=3-", 3..10),
            ("bytes=3-99", 3..10),
            ("bytes=3-99999999999999999999", 3..10),
            ("bytes=-4", 6..10),
            ("bytes=-99", 0..10),
        ] {
            assert_eq!(of_ten(range), Asked::Part(part), "{range}");
        }
    }

    #[test]
    fn beyond_the_end_there_is_nothing() {
        for range in ["bytes=10-", "bytes=10-11", "bytes=99999999999999999999-", "bytes=-0"] {
            assert_eq!(of_ten(range), Asked::Beyond, "{range}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_asked() {
        for range in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5",
            "bytes=5-3",
            "bytes=0-1,3-4",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes= 1 - 2",
            "bytes=--1",
            "lines=0-1",
        ] {
            assert_eq!(of_ten(range), Asked::Whole, "{range}");
        }
        assert_eq!(asked(&HeaderMap::new(), 10, TAG), Asked::Whole);
    }

    #[test]
    fn a_part_of_what_was_another_is_the_whole() {
        let part = (header::RANGE, HeaderValue::from_static("bytes=3-5"));
        for (known, expected) in [
            (TAG, Asked::Part(3..6)),
            ("\"other\"", Asked::Whole),
            ("W/\"file\"", Asked::Whole),
            ("Mon, 30 Nov 2026 23:00:00 GMT", Asked::Whole),
        ] {
            let known = (header::IF_RANGE, HeaderValue::from_static(known));
            assert_eq!(asked(&HeaderMap::from_iter([part.clone(), known]), 10, TAG), expected);
        }
    }
}
