//! What happens at the browser while a login waits.

use super::raw;
use daypass_core::Result;
use daypass_core::login::{Companion, Invitation};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use url::Url;

/// What the person was shown.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The address the browser is sent to.
    pub link: String,
    /// The device flow's code.
    pub user_code: Option<String>,
}

impl Invited {
    fn of(invitation: &Invitation) -> Self {
        match invitation {
            Invitation::Code { url, .. } | Invitation::Paste { url, .. } => {
                Self { link: url.clone(), user_code: None }
            }
            Invitation::Device(device) => Self {
                link: device.verification_uri_complete.clone().unwrap_or_default(),
                user_code: Some(device.user_code.clone()),
            },
        }
    }

    /// A parameter of the link.
    pub fn parameter(&self, name: &str) -> String {
        let url = Url::parse(&self.link).unwrap();
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    /// Where the browser is to come back: `127.0.0.1:PORT`.
    pub fn callback(&self) -> String {
        let url = Url::parse(&self.parameter("redirect_uri")).unwrap();
        format!("127.0.0.1:{}", url.port().unwrap())
    }

    /// A request of the callback server, by somebody.
    pub fn ask(&self, method: &str, target: &str) -> raw::Reply {
        let at = self.callback();
        raw::send(
            &at,
            &format!("{method} {target} HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n\r\n"),
        )
    }

    /// The callback's path with this query.
    pub fn target(&self, query: &str) -> String {
        format!("/oauth/callback?{query}")
    }
}

type Job<T> = Box<dyn FnOnce(Invited) -> T + Send>;

/// Does one thing, on a thread of its own, when the invitation comes.
pub struct Errand<T> {
    job: Option<Job<T>>,
    doing: Option<JoinHandle<T>>,
    /// What was remarked.
    pub remarks: Arc<Mutex<Vec<String>>>,
}

impl<T: Send + 'static> Errand<T> {
    pub fn new(job: impl FnOnce(Invited) -> T + Send + 'static) -> Self {
        Self { job: Some(Box::new(job)), doing: None, remarks: Arc::default() }
    }

    /// What came of it; `None` if nobody was invited.
    pub fn done(self) -> Option<T> {
        self.doing.map(|doing| doing.join().expect("the errand succeeds"))
    }
}

impl<T: Send + 'static> Companion for Errand<T> {
    fn invite(&mut self, invitation: &Invitation) -> Result<()> {
        let invited = Invited::of(invitation);
        let job = self.job.take().expect("one invitation");
        self.doing = Some(std::thread::spawn(move || job(invited)));
        Ok(())
    }

    fn remark(&mut self, text: &str) {
        self.remarks.lock().unwrap().push(text.to_owned());
    }
}
