//! Listings against the sandbox, which verifies signatures and sends requests for
//! other regions away.

use daypass_core::aws::s3::{Addressing, ListBuckets, ListObjects, ObjectPage, S3};
use daypass_core::aws::{Aws, Cause, Fault};
use daypass_core::credentials::RoleCredentials;
use daypass_core::host::Clock;
use daypass_core::names::Region;
use daypass_core::resolve::Connection;
use daypass_core::resolve::connection::Service;
use jiff::Timestamp;
use sandbox::world::{Bucket, IamKey};
use sandbox::{Options, RedirectStyle, Running, Sandbox, World};
use vault::Secret;

const ACCOUNT: &str = "111111111111";
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

fn world() -> World {
    let written: Timestamp = "2025-01-09T02:26:40Z".parse().unwrap();
    let mixed = Bucket::new("mixed", "us-west-2", ACCOUNT)
        .with_object("a b+c.txt", 5, written)
        .with_object("dir/one", 1, written)
        .with_object("dir/two", 2, written)
        .with_object("dirt", 3, written)
        .with_object("日本/\u{1b}[2J\n", 4, written);
    World::new("https://d-1234567890.awsapps.com/start", "us-east-1")
        .with_account(ACCOUNT, "Data")
        .with_iam_key(IamKey {
            access_key_id: KEY.to_owned(),
            secret_access_key: SECRET.to_owned(),
            user: "grace".to_owned(),
            account: ACCOUNT.to_owned(),
            ..IamKey::default()
        })
        .with_bucket(mixed)
        .with_bucket(Bucket::new("many", "us-west-2", ACCOUNT).with_many_objects("k/", 2500))
        .with_bucket(Bucket::new("home", "us-east-1", ACCOUNT).with_many_objects("", 3))
}

fn start(options: Options) -> Running {
    Sandbox::start_blocking(world(), options).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "signatures are held against the real clock")]
fn clock() -> Clock {
    Clock::new(Timestamp::now)
}

fn keys() -> RoleCredentials {
    RoleCredentials {
        access_key_id: KEY.to_owned(),
        secret_access_key: Secret::new(SECRET.to_owned()),
        session_token: None,
        expiration: None,
        account_id: None,
    }
}

fn aws(running: Option<&Running>) -> Aws {
    let mut connection = Connection::default();
    connection.max_attempts = 3;
    if let Some(running) = running {
        connection.override_endpoint(Service::S3, &running.endpoints().s3);
    }
    Aws::new(connection, clock()).unwrap()
}

fn s3_in(running: &Running, region: Option<&str>) -> S3 {
    let region = region.map(|name| Region::parse(name).unwrap());
    aws(Some(running)).s3(region.as_ref(), Some(&keys()), Addressing::Auto).unwrap()
}

fn objects(bucket: &str, prefix: &str) -> ListObjects {
    let (bucket, prefix) = (bucket.to_owned(), prefix.to_owned());
    ListObjects { bucket, prefix, ..ListObjects::default() }
}

fn folders(bucket: &str, prefix: &str) -> ListObjects {
    ListObjects { delimiter: Some("/".to_owned()), ..objects(bucket, prefix) }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn pages(s3: &S3, wanted: ListObjects) -> Result<Vec<ObjectPage>, Fault> {
    run(async {
        let (mut listing, mut pages) = (s3.list_objects(wanted), Vec::new());
        while let Some(page) = listing.next_page().await? {
            pages.push(page);
        }
        Ok(pages)
    })
}

fn names(pages: &[ObjectPage]) -> Vec<String> {
    let names = pages.iter().flat_map(|page| {
        page.prefixes.iter().cloned().chain(page.objects.iter().map(|object| object.key.clone()))
    });
    names.collect()
}

#[test]
fn every_redirect_leads_there_once() {
    let styles = [
        (RedirectStyle::Permanent, 0),
        (RedirectStyle::Temporary, 0),
        (RedirectStyle::Malformed, 0),
        (RedirectStyle::Silent, 1),
    ];
    for (redirect_style, heads) in styles {
        let running = start(Options { redirect_style, ..Options::default() });
        let s3 = s3_in(&running, Some("us-east-1"));
        let found = pages(&s3, objects("many", "")).unwrap();
        assert_eq!(names(&found).len(), 2500, "{redirect_style:?}");
        let asked = |control: &sandbox::Control| control.count("ListObjectsV2");
        assert_eq!(asked(&running.control()), 4, "one too many for {redirect_style:?}");
        assert_eq!(running.control().count("HeadBucket"), heads);
        pages(&s3, objects("many", "k/0000")).unwrap();
        assert_eq!(asked(&running.control()), 5, "{redirect_style:?} is remembered");
    }
}

fn step(s3: &S3, fault: &Fault, bucket: &str) -> String {
    let usual = |fault: Fault| fault.into_error(clock().now());
    let error = s3.explained(fault.clone(), Some(bucket), false, usual);
    error.next_step().unwrap_or_default().to_owned()
}

#[test]
fn a_region_that_nobody_tells_is_one_clear_error() {
    let running = start(Options { redirect_style: RedirectStyle::Mute, ..Options::default() });
    let s3 = s3_in(&running, Some("us-east-1"));
    let fault = pages(&s3, objects("many", "")).unwrap_err();
    assert!(fault.is("PermanentRedirect"), "{fault:?}");
    let step = step(&s3, &fault, "many");
    assert!(step.contains("--region"), "{step}");
    assert_eq!(running.control().count("ListObjectsV2"), 1);
    assert_eq!(running.control().count("HeadBucket"), 1);
}

#[test]
fn prefixes_and_keys_arrive_as_they_are() {
    let running = start(Options::default());
    let s3 = s3_in(&running, Some("us-west-2"));
    let found = pages(&s3, folders("mixed", "")).unwrap();
    assert_eq!(found[0].prefixes, ["dir/", "日本/"]);
    assert_eq!(found[0].objects[0].key, "a b+c.txt");
    assert_eq!(found[0].objects[0].size, 5);
    assert_eq!(found[0].objects[0].modified, "2025-01-09T02:26:40Z".parse().ok());
    assert_eq!(names(&pages(&s3, folders("mixed", "dir")).unwrap()), ["dir/", "dirt"]);
    assert_eq!(names(&pages(&s3, objects("mixed", "日本/")).unwrap()), ["日本/\u{1b}[2J\n"]);
    assert!(names(&pages(&s3, objects("mixed", "nothing")).unwrap()).is_empty());
}

#[test]
fn a_page_size_makes_more_pages_of_the_same() {
    let running = start(Options::default());
    let s3 = s3_in(&running, Some("us-west-2"));
    let wanted = ListObjects { page_size: Some(7), ..objects("many", "k/0000") };
    let found = pages(&s3, wanted).unwrap();
    assert_eq!(found.iter().map(|page| page.objects.len()).collect::<Vec<_>>(), {
        let mut sizes = vec![7; 14];
        sizes.push(2);
        sizes
    });
    assert_eq!(names(&found), names(&pages(&s3, objects("many", "k/0000")).unwrap()));
}

#[test]
fn a_long_listing_is_held_a_page_at_a_time() {
    let world = world()
        .with_bucket(Bucket::new("huge", "us-east-1", ACCOUNT).with_many_objects("", 100_000));
    let running = Sandbox::start_blocking(world, Options::default()).unwrap();
    let s3 = s3_in(&running, Some("us-east-1"));
    let (longest, count) = run(async {
        let (mut listing, mut longest, mut count) = (s3.list_objects(objects("huge", "")), 0, 0);
        while let Some(page) = listing.next_page().await.unwrap() {
            longest = longest.max(page.objects.len());
            count += page.objects.len();
        }
        (longest, count)
    });
    assert_eq!((longest, count), (1000, 100_000));
    // A page is asked for only when it is wanted, and the listing keeps none.
    assert_eq!(running.control().count("ListObjectsV2"), 100);
    run(async { s3.list_objects(objects("huge", "")).next_page().await }).unwrap();
    assert_eq!(running.control().count("ListObjectsV2"), 101);
}

#[test]
fn buckets_come_in_pages_and_by_name() {
    let running = start(Options::default());
    let s3 = s3_in(&running, None);
    let listed = |wanted: ListBuckets| {
        run(async {
            let (mut listing, mut names, mut pages) = (s3.list_buckets(wanted), Vec::new(), 0);
            while let Some(page) = listing.next_page().await.unwrap() {
                names.extend(page.into_iter().map(|bucket| bucket.name));
                pages += 1;
            }
            (names.join(" "), pages)
        })
    };
    assert_eq!(listed(ListBuckets::default()), ("home many mixed".to_owned(), 1));
    let paged = ListBuckets { page_size: Some(2), ..ListBuckets::default() };
    assert_eq!(listed(paged), ("home many mixed".to_owned(), 2));
    let named = ListBuckets { prefix: Some("m".to_owned()), ..ListBuckets::default() };
    assert_eq!(listed(named).0, "many mixed");
    let western = ListBuckets { region: Some("us-west-2".to_owned()), ..ListBuckets::default() };
    assert_eq!(listed(western).0, "many mixed");
}

#[test]
fn without_a_region_requests_are_signed_for_us_east_1() {
    let running = start(Options::default());
    pages(&s3_in(&running, None), objects("home", "")).unwrap();
    assert_eq!(running.control().journal()[0].region.as_deref(), Some("us-east-1"));
    pages(&s3_in(&running, None), objects("many", "k/1")).unwrap();
    assert_eq!(running.control().journal()[2].region.as_deref(), Some("us-west-2"));
}

#[test]
fn without_credentials_nothing_is_signed() {
    let running = start(Options::default());
    let region = Region::parse("us-east-1").unwrap();
    let s3 = aws(Some(&running)).s3(Some(&region), None, Addressing::Auto).unwrap();
    let fault = pages(&s3, objects("home", "")).unwrap_err();
    assert!(fault.is("AccessDenied"));
    assert_eq!(running.control().journal()[0].access_key_id, None);
    assert!(step(&s3, &fault, "home").contains("--no-sign-request"));
}

#[test]
fn a_wrong_bucket_and_wrong_keys_are_faults() {
    let running = start(Options::default());
    let fault = pages(&s3_in(&running, None), objects("nowhere", "")).unwrap_err();
    assert!(fault.is("NoSuchBucket"), "{fault:?}");
    let wrong = RoleCredentials { secret_access_key: Secret::new("x".to_owned()), ..keys() };
    let s3 = aws(Some(&running)).s3(None, Some(&wrong), Addressing::Auto).unwrap();
    let fault = pages(&s3, objects("home", "")).unwrap_err();
    assert!(fault.is("SignatureDoesNotMatch"), "{fault:?}");
    assert!(step(&s3, &fault, "home").contains("secret access key"));
}

#[test]
fn a_wrong_clock_is_made_up_for_or_named() {
    let running = start(Options::default());
    running.control().set_skew(jiff::SignedDuration::from_hours(3));
    assert_eq!(names(&pages(&s3_in(&running, None), objects("home", "")).unwrap()).len(), 3);
    let mut connection = aws(Some(&running)).connection().clone();
    connection.max_attempts = 1;
    let aws = Aws::new(connection, clock()).unwrap();
    let s3 = aws.s3(None, Some(&keys()), Addressing::Auto).unwrap();
    let fault = pages(&s3, objects("home", "")).unwrap_err();
    let step = step(&s3, &fault, "home");
    assert!(step.contains("clock"), "{step}");
    let error = fault.into_error(clock().now());
    assert!(error.to_string().contains("3 hours behind"), "{error}");
}

/// The address a request would go to, learned from nobody answering there.
fn address(region: Option<&str>, bucket: &str, addressing: Addressing) -> String {
    let mut connection = Connection::default();
    connection.max_attempts = 1;
    // Nobody listens on the discard port: no request leaves this machine.
    connection.https_proxy = Some("http://127.0.0.1:9".to_owned());
    let aws = Aws::new(connection, clock()).unwrap();
    let region = region.map(|name| Region::parse(name).unwrap());
    let s3 = aws.s3(region.as_ref(), Some(&keys()), addressing).unwrap();
    match pages(&s3, objects(bucket, "")).unwrap_err().cause {
        Cause::Unreached { url, .. } => url,
        other => format!("{other:?}"),
    }
}

#[test]
fn addresses_are_the_aws_clis() {
    use Addressing::{Auto, Path};
    let cases = [
        (None, "plain", Auto, "https://plain.s3.amazonaws.com/"),
        (Some("us-east-1"), "plain", Auto, "https://plain.s3.us-east-1.amazonaws.com/"),
        (Some("us-west-2"), "dotted.name", Auto, "https://s3.us-west-2.amazonaws.com/dotted.name/"),
        (Some("us-west-2"), "plain", Path, "https://s3.us-west-2.amazonaws.com/plain/"),
        (Some("cn-north-1"), "plain", Auto, "https://plain.s3.cn-north-1.amazonaws.com.cn/"),
        (
            Some("us-east-1"),
            "arn:aws:s3:us-west-2:111111111111:accesspoint/maps",
            Auto,
            "https://maps-111111111111.s3-accesspoint.us-west-2.amazonaws.com/",
        ),
    ];
    for (region, bucket, addressing, url) in cases {
        assert_eq!(address(region, bucket, addressing), url);
    }
}
