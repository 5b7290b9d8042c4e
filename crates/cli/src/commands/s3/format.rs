//! The lines of a listing, letter for letter as the AWS CLI writes them.

use crate::output::clean;
use daypass_core::aws::s3::{Bucket, Object};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::borrow::Cow;

/// How a listing is written.
#[derive(Clone, Copy, Debug)]
pub struct Style<'a> {
    /// The time zone of the dates.
    pub zone: &'a TimeZone,
    /// Sizes in units.
    pub human: bool,
    /// For a terminal: names may not steer it. Piped names are left as they are.
    pub terminal: bool,
}

impl Style<'_> {
    /// `2022-06-14 17:03:21 NAME`.
    pub fn bucket(&self, bucket: &Bucket) -> String {
        format!("{} {}\n", self.time(bucket.created), self.name(&bucket.name))
    }

    /// A common prefix: its last part, with a slash.
    pub fn prefix(&self, prefix: &str) -> String {
        let folder = last_part(prefix.strip_suffix('/').unwrap_or(prefix));
        format!("{:>30} {}/\n", "PRE", self.name(folder))
    }

    /// An object: its full key, or the last part.
    pub fn object(&self, object: &Object, full: bool) -> String {
        let name = if full { &object.key } else { last_part(&object.key) };
        let size = self.size(object.size.into());
        format!("{} {size:>10} {}\n", self.time(object.modified), self.name(name))
    }

    /// The two lines at the end.
    pub fn summary(&self, total: &Total) -> String {
        let size = self.size(total.bytes);
        format!("\nTotal Objects: {}\n   Total Size: {size}\n", total.objects)
    }

    fn time(&self, time: Option<Timestamp>) -> String {
        let Some(time) = time else { return " ".repeat(19) };
        time.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    fn size(&self, bytes: i128) -> String {
        if self.human { human(bytes) } else { bytes.to_string() }
    }

    fn name<'n>(&self, name: &'n str) -> Cow<'n, str> {
        if self.terminal { clean(name) } else { Cow::Borrowed(name) }
    }
}

/// What a listing sums up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// How many objects; common prefixes do not count.
    pub objects: u64,
    /// Their bytes.
    pub bytes: i128,
}

impl Total {
    /// Counts an object.
    pub fn add(&mut self, object: &Object) {
        self.objects += 1;
        self.bytes += i128::from(object.size);
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A size in units of 1024: one that would round to 1024 goes on to the next unit.
fn human(bytes: i128) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes == 1 {
        return "1 Byte".to_owned();
    }
    if bytes < 1024 {
        return format!("{bytes} Bytes");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next().unwrap_or(&"");
    while value.round_ties_even() >= 1024.0 {
        let Some(next) = units.next() else { break };
        (value, unit) = (value / 1024.0, next);
    }
    format!("{value:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn human_sizes_are_the_aws_clis() {
        let cases = [
            (0, "0 Bytes"),
            (1, "1 Byte"),
            (42, "42 Bytes"),
            (1023, "1023 Bytes"),
            (1024, "1.0 KiB"),
            (1075, "1.0 KiB"),
            (1076, "1.1 KiB"),
            (10_189, "10.0 KiB"),
            (1_048_063, "1023.5 KiB"),
            (1_048_064, "1.0 MiB"),
            (1_048_576, "1.0 MiB"),
            (3_145_728, "3.0 MiB"),
            (1_073_217_535, "1023.5 MiB"),
            (1_073_217_536, "1.0 GiB"),
            (1 << 40, "1.0 TiB"),
            (1 << 50, "1.0 PiB"),
            (1 << 60, "1.0 EiB"),
            (i128::from(i64::MAX), "8.0 EiB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(human(bytes), text, "{bytes}");
        }
    }

    fn style(zone: &TimeZone) -> Style<'_> {
        Style { zone, human: false, terminal: false }
    }

    fn object(key: &str, size: i64) -> Object {
        Object { key: key.to_owned(), size, modified: "2025-01-09T02:26:40Z".parse().ok() }
    }

    #[test]
    fn columns() {
        let utc = TimeZone::UTC;
        let style = style(&utc);
        assert_eq!(style.prefix("browseui/"), "                           PRE browseui/\n");
        assert_eq!(style.prefix("a//"), "                           PRE /\n");
        assert_eq!(
            style.object(&object("a/b.txt", 7), false),
            "2025-01-09 02:26:40          7 b.txt\n"
        );
        assert_eq!(
            style.object(&object("a/b.txt", 7), true),
            "2025-01-09 02:26:40          7 a/b.txt\n"
        );
        assert_eq!(style.object(&object("a/", 0), false), "2025-01-09 02:26:40          0 \n");
        assert_eq!(
            style.object(&object("k", 12_345_678_901), false),
            "2025-01-09 02:26:40 12345678901 k\n"
        );
    }

    #[test]
    fn dates_are_local() {
        let zone = TimeZone::fixed(jiff::tz::offset(-8));
        assert!(style(&zone).object(&object("k", 1), true).starts_with("2025-01-08 18:26:40 "));
    }

    #[test]
    fn only_a_terminal_is_protected() {
        let utc = TimeZone::UTC;
        let key = object("a\u{1b}[2Jb\nc", 1);
        assert!(style(&utc).object(&key, true).ends_with(" a\u{1b}[2Jb\nc\n"));
        let terminal = Style { terminal: true, ..style(&utc) };
        assert!(terminal.object(&key, true).ends_with(" a\u{fffd}[2Jb\u{fffd}c\n"));
    }

    #[test]
    fn totals() {
        let mut total = Total::default();
        total.add(&object("a", i64::MAX));
        total.add(&object("b", i64::MAX));
        let utc = TimeZone::UTC;
        let human = Style { human: true, ..style(&utc) };
        assert_eq!(human.summary(&total), "\nTotal Objects: 2\n   Total Size: 16.0 EiB\n");
        assert_eq!(
            style(&utc).summary(&Total::default()),
            "\nTotal Objects: 0\n   Total Size: 0\n"
        );
    }
}
