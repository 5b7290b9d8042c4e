//! Lists page after page: what was read is written before the next page is asked for.

use super::args::Ls;
use super::format::{Style, Total};
use super::uri::Place;
use daypass_core::aws::Fault;
use daypass_core::aws::s3::{ListBuckets, ListObjects, ObjectPage, S3};
use daypass_core::{Error, Kind, Result};
use jiff::tz::TimeZone;
use std::io::{self, BufWriter, Write};

/// What a listing needs of its surroundings.
pub struct Desk<'a> {
    /// Where to ask.
    pub s3: &'a S3,
    /// The time zone of the dates.
    pub zone: &'a TimeZone,
    /// The output goes to a terminal.
    pub terminal: bool,
    /// Turns a fault into an error; a hint is added if it has none.
    pub explain: &'a dyn Fn(Fault) -> Error,
}

/// Whether there was anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// The listing succeeded.
    Something,
    /// Nothing begins with the prefix asked for.
    Nothing,
}

/// Why a listing stops early.
enum Stop {
    /// The reader has seen enough.
    Closed,
    Failed(Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Failed(
                Error::new(Kind::Store, "cannot write to standard output")
                    .because(error.to_string()),
            ),
        }
    }
}

/// Lists `place` to `out`.
///
/// # Errors
/// Whatever S3 answers, in the words of [`Desk::explain`]; [`Kind::Store`] if `out`
/// cannot be written. A closed pipe is no error.
pub async fn list(
    desk: &Desk<'_>,
    asked: &Ls,
    place: &Place,
    out: &mut dyn Write,
) -> Result<Found> {
    let style = Style { zone: desk.zone, human: asked.human_readable, terminal: desk.terminal };
    let mut sheet = Sheet { style, out: BufWriter::new(out), total: Total::default(), seen: false };
    let listed = match place {
        Place::Buckets => sheet.buckets(desk, asked).await,
        Place::Within { bucket, prefix } => sheet.objects(desk, asked, bucket, prefix).await,
    };
    match listed.and_then(|()| sheet.end(asked.summarize)) {
        Ok(()) => Ok(sheet.found(place)),
        Err(Stop::Closed) => Ok(Found::Something),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// The listing as it is written.
struct Sheet<'a> {
    style: Style<'a>,
    out: BufWriter<&'a mut dyn Write>,
    total: Total,
    seen: bool,
}

impl Sheet<'_> {
    async fn buckets(&mut self, desk: &Desk<'_>, asked: &Ls) -> Result<(), Stop> {
        let some = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let mut pages = desk.s3.list_buckets(ListBuckets {
            prefix: some(&asked.bucket_name_prefix),
            region: some(&asked.bucket_region),
            page_size: asked.page_size,
        });
        while let Some(buckets) =
            pages.next_page().await.map_err(|fault| failed(desk, fault, None, false))?
        {
            for bucket in &buckets {
                self.out.write_all(self.style.bucket(bucket).as_bytes())?;
            }
            self.out.flush()?;
        }
        Ok(())
    }

    async fn objects(
        &mut self,
        desk: &Desk<'_>,
        asked: &Ls,
        bucket: &str,
        prefix: &str,
    ) -> Result<(), Stop> {
        let requester_pays = asked.request_payer.is_some();
        let mut pages = desk.s3.list_objects(ListObjects {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            delimiter: (!asked.recursive).then(|| "/".to_owned()),
            page_size: asked.page_size,
            requester_pays,
        });
        let failed = |fault| failed(desk, fault, Some(bucket), requester_pays);
        while let Some(page) = pages.next_page().await.map_err(failed)? {
            self.page(&page, asked.recursive)?;
        }
        Ok(())
    }

    fn page(&mut self, page: &ObjectPage, full: bool) -> io::Result<()> {
        for prefix in &page.prefixes {
            self.out.write_all(self.style.prefix(prefix).as_bytes())?;
        }
        for object in &page.objects {
            self.total.add(object);
            self.out.write_all(self.style.object(object, full).as_bytes())?;
        }
        self.seen |= !page.prefixes.is_empty() || !page.objects.is_empty();
        self.out.flush()
    }

    fn end(&mut self, summarize: bool) -> Result<(), Stop> {
        if summarize {
            self.out.write_all(self.style.summary(&self.total).as_bytes())?;
        }
        Ok(self.out.flush()?)
    }

    /// An empty bucket is a fact, an empty prefix a miss.
    fn found(&self, place: &Place) -> Found {
        match place {
            Place::Within { prefix, .. } if !prefix.is_empty() && !self.seen => Found::Nothing,
            _ => Found::Something,
        }
    }
}

fn failed(desk: &Desk<'_>, fault: Fault, bucket: Option<&str>, requester_pays: bool) -> Stop {
    Stop::Failed(desk.s3.explained(fault, bucket, requester_pays, desk.explain))
}
